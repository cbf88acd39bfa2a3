package io.lighter.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ConfigReferenceTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("basedir", ".")).resolve("../docs/configuration.md");

  @Test
  void document_hasTheReferenceOfTheseKeys() throws IOException {
    String document = Files.readString(DOCUMENT);

    assertThat(document)
        .as("bring it up to date with: ./lighter config reference docs/configuration.md")
        .isEqualTo(ConfigReference.into(document));
  }

  /** Records and defaults name the same keys. */
  @Test
  void markdown_namesEveryKeyOfTheDefaults() {
    String reference = ConfigReference.markdown();

    assertThat(keys("", ConfigTree.defaults().root()))
        .allSatisfy(key -> assertThat(reference).contains("| `" + key + "`<br>`LIGHTER_"));
    assertThat(reference.lines().filter(line -> line.startsWith("| `")))
        .as("five cells each, none of them with a bar in it")
        .allMatch(line -> line.chars().filter(c -> c == '|').count() == 6);
  }

  private static Stream<String> keys(String prefix, ObjectNode section) {
    return section.properties().stream().flatMap(property -> key(prefix, property));
  }

  private static Stream<String> key(String prefix, Map.Entry<String, JsonNode> property) {
    String path = prefix + property.getKey();
    return property.getValue() instanceof ObjectNode inner && !inner.isEmpty()
        ? keys(path + '.', inner)
        : Stream.of(path);
  }

  /** The options that are keys are those that the loader takes for them. */
  @Test
  void options_areThoseOfTheLoader() {
    ConfigTree tree =
        ConfigLoader.read(
            new ConfigLoader.CommandLine(
                Optional.empty(), Optional.of("a:1"), Optional.of("b"), List.of(), false),
            Map.of());

    assertThat(ConfigReference.markdown())
        .contains("<br>`%s` |".formatted(tree.origin("http.listen")))
        .contains("<br>`%s` |".formatted(tree.origin("storage.directory")));
  }

  @Test
  void into_documentWithoutAPlace_saysWhichLinesAreMissing() {
    assertThatThrownBy(() -> ConfigReference.into("# Keys\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(ConfigReference.BEGIN);
  }
}
