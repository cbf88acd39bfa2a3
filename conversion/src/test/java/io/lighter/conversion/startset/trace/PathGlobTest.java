package io.lighter.conversion.startset.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathGlobTest {

  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, b, false",
    "'', '', true",
    "'', a, false",
    "*, '', true",
    "*, abc, true",
    "a*, abc, true",
    "*c, abc, true",
    "*b*, abc, true",
    "a*c*e, abcde, true",
    "a*c*f, abcde, false",
    "a?c, abc, true",
    "a?, a, false",
    "[abc], b, true",
    "[a-c]x, bx, true",
    "[a-c], d, false",
    "[!a-c], d, true",
    "[^a], a, false",
    "[]a], ], true",
    "[!]a], ], false",
    "[!]a], b, true",
    "[a-], -, true",
    "[ab, '[ab', true",
    "\\*, *, true",
    "\\*, a, false",
    "a\\?*, a?b, true",
    "a\\, a\\, true",
  })
  void matches_eachSign_standsForWhatItShould(String pattern, String text, boolean expected) {
    assertThat(PathGlob.matches(pattern, text)).isEqualTo(expected);
  }

  @Test
  @Timeout(10)
  void matches_manyStars_takesBoundedTime() {
    assertThat(PathGlob.matches("a*".repeat(50) + "b", "a".repeat(50_000))).isFalse();
    assertThat(PathGlob.matches("*".repeat(10_000) + "[b-".repeat(1_000), "a".repeat(10_000)))
        .isFalse();
  }

  @Test
  void escaped_anyText_matchesOnlyItself() {
    for (String text : List.of("a*b", "[x]", "\\", "a?", "*", "a]b")) {
      assertThat(PathGlob.matches(PathGlob.escaped(text), text)).isTrue();
    }
    assertThat(PathGlob.matches(PathGlob.escaped("*"), "a")).isFalse();
  }

  private static <T> T ask(ImageBuilder image, String directory, Function<Start, T> question) {
    var answers = new ArrayList<T>();
    image.executable("/bin/ask", "\u007fELF");
    ProgramKind kind =
        new ProgramKind() {
          @Override
          public boolean runs(Invocation invocation) {
            return true;
          }

          @Override
          public void follow(Invocation invocation, Start start) {
            answers.add(question.apply(start));
          }
        };
    image.start(kind, new ImageCommand(List.of("/bin/ask"), Map.of(), directory, ""));
    return answers.getFirst();
  }

  private static ImageBuilder files() {
    return new ImageBuilder()
        .file("/etc/b.conf", "")
        .file("/etc/a.conf", "")
        .file("/etc/.hidden.conf", "")
        .file("/etc/d.conf/x", "")
        .file("/opt/one/conf/z", "")
        .file("/opt/two/conf/z", "")
        .link("/opt/three", "one");
  }

  private static List<String> paths(String directory, String pattern) {
    return ask(files(), directory, start -> PathGlob.paths(start, pattern));
  }

  @Test
  void paths_pattern_areSpelledAsItIs() {
    assertThat(paths("/", "/etc/*.conf"))
        .containsExactly("/etc/a.conf", "/etc/b.conf", "/etc/d.conf");
    assertThat(paths("/", "/opt/*/conf/z"))
        .containsExactly("/opt/one/conf/z", "/opt/three/conf/z", "/opt/two/conf/z");
    assertThat(paths("/etc", "[ab].conf")).containsExactly("a.conf", "b.conf");
    assertThat(paths("/opt", "../etc/.h*")).containsExactly("../etc/.hidden.conf");
    assertThat(paths("/", "/none/*")).isEmpty();
  }

  @Test
  void files_pattern_areRegularOnly() throws IOException {
    List<String> found =
        ask(
            files(),
            "/",
            start ->
                PathGlob.files(start, "/etc/*.conf").stream().map(file -> file.path()).toList());

    assertThat(found).containsExactly("/etc/a.conf", "/etc/b.conf");
    ImageTree tree = files().build();
    assertThat(tree.file("/etc/.hidden.conf")).isPresent();
  }

  @Test
  @Timeout(10)
  void paths_manyStarsAndDirectories_areBounded() {
    var image = new ImageBuilder();
    for (int i = 0; i < 300; i++) {
      image.directory("/d/" + "a".repeat(50) + i);
    }
    String pattern = "/d" + ("/" + "*a".repeat(25) + "*/..").repeat(10) + "/*";

    assertThat(ask(image, "/", start -> PathGlob.paths(start, pattern)).size())
        .isLessThanOrEqualTo(10_000);
  }
}
