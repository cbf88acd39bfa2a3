package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the program is made of, as the build writes it down, may all be given away with it. */
class LicencesTest {
  /** Of a library that comes under several the program takes one of these. */
  private static final Set<String> ALLOWED =
      Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0");

  private static final Path SBOM = Path.of("target", "sbom.json");

  @Test
  void everyLibrary_comesUnderALicenceThatIsAllowed() {
    var licences = new TreeMap<String, List<String>>();
    for (JsonNode library : JsonMapper.builder().build().readTree(SBOM).get("components")) {
      licences.put(
          library.get("name").asString(),
          library.path("licenses").valueStream().map(LicencesTest::name).toList());
    }

    assertThat(licences).containsKeys("rocksdbjni", "vertx-core", "logback-core");
    assertThat(licences)
        .allSatisfy(
            (library, under) -> assertThat(under).as(library).containsAnyElementsOf(ALLOWED));
  }

  private static String name(JsonNode licence) {
    JsonNode named = licence.path("license");
    return named.path("id").asString(named.path("name").asString("none"));
  }
}
