package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertHeader;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ping, and what a registry says about a repository that does not exist yet. */
@ExtendWith(RegistryExtension.class)
class PingTest {
  private final Registry registry;
  private final Repository absent;

  PingTest(Registry registry) {
    this.registry = registry;
    this.absent = registry.repository();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/v2"})
  void get_root_answersVersion(String path) {
    var response = registry.request().get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertHeader(response, "Docker-Distribution-Api-Version", "registry/2.0");
    assertThat(response.contentType()).startsWith("application/json");
    assertThat(response.asString()).isEqualTo("{}");
  }

  @Test
  void head_root_answersVersion() {
    var response = registry.request().head("/v2/");
    assertThat(response.statusCode()).isEqualTo(200);
    assertHeader(response, "Docker-Distribution-Api-Version", "registry/2.0");
  }

  @Test
  void tags_absentRepository_nameUnknown() {
    assertError(absent.tags(""), 404, "NAME_UNKNOWN");
  }

  @Test
  void referrers_absentRepository_emptyIndex() {
    var response = absent.referrers("sha256:" + "0".repeat(64));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo(Manifests.INDEX);
    assertThat(response.jsonPath().getInt("schemaVersion")).isEqualTo(2);
    assertThat(response.jsonPath().getString("mediaType")).isEqualTo(Manifests.INDEX);
    assertThat(response.jsonPath().getList("manifests")).isNotNull().isEmpty();
  }

  @Test
  void blob_absentRepository_404() {
    assertError(absent.blob("sha256:" + "0".repeat(64)), 404);
  }

  @Test
  void manifest_absentRepository_404() {
    assertError(absent.manifest("latest"), 404);
  }

  @Test
  void deleteManifest_absentRepository_404() {
    assertError(absent.deleteManifest("sha256:" + "0".repeat(64)), 404);
  }
}
