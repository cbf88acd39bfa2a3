package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Digests that are wrong or impossible, tags that are impossible, manifests that are missing. */
@ExtendWith(RegistryExtension.class)
class BadReferenceTest {
  private final Repository repository;
  private final Content image;

  BadReferenceTest(Registry registry) {
    this.repository = registry.repository();
    this.image = repository.pushImage();
  }

  @ParameterizedTest
  @EnumSource
  void put_digestOfOtherBytes_refused(HashFunction hash) {
    var other = Manifests.index(hash, List.of(image), "\"other\":true");
    String wrong = Manifests.index(hash, List.of()).digest(hash);
    assertError(repository.putManifest(wrong, other), 400, "DIGEST_INVALID");
    assertThat(repository.headManifest(wrong).statusCode()).isEqualTo(404);
    assertThat(repository.headManifest(other.digest(hash)).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:baddigeststring",
        "sha256:",
        ":x",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      })
  void impossibleDigest_everyMethod_refused(String digest) {
    assertError(repository.putManifest(digest, image), 400, "DIGEST_INVALID");
    assertThat(repository.manifest(digest).statusCode()).isIn(400, 404);
    assertThat(repository.headManifest(digest).statusCode()).isIn(400, 404);
    assertThat(repository.deleteManifest(digest).statusCode()).isIn(400, 404);
    assertThat(repository.blob(digest).statusCode()).isIn(400, 404);
    assertThat(repository.headBlob(digest).statusCode()).isIn(400, 404);
    assertThat(repository.deleteBlob(digest).statusCode()).isIn(400, 404);
  }

  @ParameterizedTest
  @EnumSource
  void missingManifest_unknown(HashFunction hash) {
    String digest = Manifests.index(hash, List.of(), "\"missing\":1").digest(hash);
    assertError(repository.manifest(digest), 404, "MANIFEST_UNKNOWN");
    assertThat(repository.headManifest(digest).statusCode()).isEqualTo(404);
    assertError(repository.deleteManifest(digest), 404, "MANIFEST_UNKNOWN");
  }

  @Test
  void missingTag_unknown() {
    assertError(repository.manifest("missing"), 404, "MANIFEST_UNKNOWN");
    assertThat(repository.headManifest("missing").statusCode()).isEqualTo(404);
    assertError(repository.deleteManifest("missing"), 404, "MANIFEST_UNKNOWN");
  }

  @ParameterizedTest
  @ValueSource(strings = {".INVALID_MANIFEST_NAME", "-dash", "a+b", "a%2Fb", "a@b", "%C3%A9"})
  void impossibleTag_pulled404Pushed400(String tag) {
    assertError(repository.manifest(tag), 404);
    assertThat(repository.headManifest(tag).statusCode()).isEqualTo(404);
    assertError(repository.putManifest(tag, image), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "_",
        "0",
        "v1.0.0",
        "V1.0.0",
        "a_b-c.d",
        "___",
        "list",
        "latest..",
        "sha256-abc",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      })
  void legalTag_pushedAndPulled(String tag) {
    repository.tag(tag, image);
    assertThat(repository.manifest(tag).asByteArray()).isEqualTo(image.bytes());
    assertThat(repository.tags()).containsExactly(tag);
  }

  @Test
  void tagLength_128Accepted129Refused() {
    repository.tag("t".repeat(128), image);
    assertThat(repository.headManifest("t".repeat(128)).statusCode()).isEqualTo(200);
    assertError(repository.putManifest("t".repeat(129), image), 400);
  }

  @Test
  void tag_caseMatters() {
    var other = repository.pushImage();
    repository.tag("stable", image);
    repository.tag("STABLE", other);
    assertThat(repository.manifest("stable").asByteArray()).isEqualTo(image.bytes());
    assertThat(repository.manifest("STABLE").asByteArray()).isEqualTo(other.bytes());
  }
}
