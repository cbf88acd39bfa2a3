package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The page that says which test holds which behaviour names only tests that exist. */
class CompatibilityPageTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
  private static final Pattern REFERENCE = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| (.+) \\| (.+) \\|");

  private final List<String> rows;

  CompatibilityPageTest() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/compatibility.md"));
    this.rows =
        page.substring(page.indexOf("<!-- begin cases -->"), page.indexOf("<!-- end cases -->"))
            .lines()
            .filter(line -> line.matches("\\| \\d.*"))
            .toList();
  }

  @Test
  void cases_numberedWithoutGap() {
    assertThat(rows).allMatch(row -> ROW.matcher(row).matches());
    assertThat(rows.stream().map(row -> row.split(" ", 3)[1]))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 82).mapToObj(String::valueOf).toList());
  }

  @Test
  void cases_eachHasATestOrAReason() {
    assertThat(rows)
        .allMatch(row -> {
          String held = row.substring(row.lastIndexOf(" | ") + 3);
          return REFERENCE.matcher(held).find() || held.matches("No [a-z-]*( ?)test: .+\\. \\|");
        });
  }

  @Test
  void cases_namedTests_exist() throws IOException {
    List<Path> sources;
    try (var files = Files.find(ROOT, 12, (path, _) -> isTestSource(path))) {
      sources = files.toList();
    }
    var missing = new ArrayList<String>();
    for (String row : rows) {
      for (MatchResult reference : REFERENCE.matcher(row).results().toList()) {
        if (!isDeclared(sources, reference.group(1), reference.group(2))) {
          missing.add(reference.group());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean isTestSource(Path path) {
    return path.toString().contains("/src/test/java/") && path.toString().endsWith(".java");
  }

  private static boolean isDeclared(List<Path> sources, String type, String method)
      throws IOException {
    for (Path source : sources) {
      if (source.getFileName().toString().equals(type + ".java")) {
        return Files.readString(source).contains("void " + method + "(");
      }
    }
    return false;
  }
}
