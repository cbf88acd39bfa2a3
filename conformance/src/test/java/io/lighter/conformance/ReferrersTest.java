package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertError;
import static io.lighter.conformance.Answers.assertHeader;
import static io.lighter.conformance.Answers.assertNoHeader;
import static io.lighter.conformance.ImageTest.assertPulled;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests with a subject, and the list of them. */
@ExtendWith(RegistryExtension.class)
class ReferrersTest {
  private static final String SBOM = "application/vnd.example.sbom+json";
  private static final String SIGNATURE = "application/vnd.example.signature";

  private final Registry registry;
  private final Repository repository;

  ReferrersTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(Manifests.emptyConfig());
    repository.push(HashFunction.SHA512, Manifests.emptyConfig());
  }

  @ParameterizedTest
  @EnumSource
  void push_withSubject_namesItByDigestAndTagAndAgain(HashFunction hash) {
    var subject = repository.pushImage(hash);
    var referrer = artifact(hash, subject, SBOM, "1");
    String digest = referrer.digest(hash);
    for (String reference : List.of(digest, digest, "tagged")) {
      var response = repository.putManifest(reference, referrer);
      assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
      assertHeader(response, "OCI-Subject", subject.digest(hash));
    }
    var index = Manifests.index(hash, List.of(), Manifests.subject(hash, subject));
    var response = repository.putManifest(index.digest(hash), index);
    assertHeader(response, "OCI-Subject", subject.digest(hash));
  }

  @Test
  void push_withoutSubject_namesNone() {
    var image = repository.pushImage();
    assertNoHeader(repository.putManifest("plain", image), "OCI-Subject");
    assertThat(manifests(repository.referrers(image.digest()))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void referrers_imagesAndIndexes_describedOnce(HashFunction hash) {
    var subject = repository.pushImage(hash);
    var typed = artifact(hash, subject, SBOM, "one");
    var untyped =
        Manifests.image(hash, Manifests.emptyConfig(), List.of(), Manifests.subject(hash, subject));
    var index = Manifests.index(hash, List.of(), Manifests.subject(hash, subject));
    var typedIndex =
        Manifests.index(hash, List.of(), type(SIGNATURE), Manifests.subject(hash, subject));
    for (Content referrer : List.of(typed, untyped, index, typedIndex, typed)) {
      repository.pushManifest(hash, referrer);
    }
    var response = repository.referrers(subject.digest(hash));
    assertThat(manifests(response))
        .containsExactlyInAnyOrder(
            Map.of(
                "mediaType", Manifests.IMAGE,
                "digest", typed.digest(hash),
                "size", typed.size(),
                "artifactType", SBOM,
                "annotations", Map.of("note", "one")),
            Map.of(
                "mediaType",
                Manifests.IMAGE,
                "digest",
                untyped.digest(hash),
                "size",
                untyped.size(),
                "artifactType",
                Manifests.EMPTY),
            Map.of(
                "mediaType", Manifests.INDEX,
                "digest", index.digest(hash),
                "size", index.size()),
            Map.of(
                "mediaType",
                Manifests.INDEX,
                "digest",
                typedIndex.digest(hash),
                "size",
                typedIndex.size(),
                "artifactType",
                SIGNATURE));
  }

  @Test
  void referrers_filter_appliedAndSaid() {
    var subject = repository.pushImage();
    var sbom = push(subject, SBOM, "1");
    var signature = push(subject, SIGNATURE, "2");
    push(subject, "application/vnd.example.other", "3");

    var filtered = repository.referrers(subject.digest() + "?artifactType=" + SIGNATURE);
    assertThat(digests(filtered)).containsExactly(signature.digest());
    assertHeader(filtered, "OCI-Filters-Applied", "artifactType");

    for (String plus : List.of("+", "%2B", "%2b")) {
      var withPlus =
          repository.referrers(subject.digest() + "?artifactType=" + SBOM.replace("+", plus));
      assertThat(digests(withPlus)).containsExactly(sbom.digest());
    }
    var either =
        repository.referrers(
            subject.digest() + "?artifactType=" + SBOM + "&artifactType=" + SIGNATURE);
    assertThat(digests(either)).containsExactlyInAnyOrder(sbom.digest(), signature.digest());

    var none = repository.referrers(subject.digest() + "?artifactType=application/none");
    assertThat(digests(none)).isEmpty();
    assertNoHeader(repository.referrers(subject.digest()), "OCI-Filters-Applied");
  }

  @Test
  void referrer_deleted_vanishesAndPushedAgainIsBack() {
    var subject = repository.pushImage();
    var first = push(subject, SBOM, "1");
    var second = push(subject, SBOM, "2");
    assertThat(repository.deleteManifest(first.digest()).statusCode()).isEqualTo(202);
    assertThat(digests(repository.referrers(subject.digest()))).containsExactly(second.digest());
    repository.pushManifest(HashFunction.SHA256, first);
    assertThat(digests(repository.referrers(subject.digest())))
        .containsExactlyInAnyOrder(first.digest(), second.digest());
  }

  @Test
  void referrer_tagDeleted_stays() {
    var subject = repository.pushImage();
    var referrer = artifact(HashFunction.SHA256, subject, SBOM, "1");
    repository.tag("signature", referrer);
    repository.deleteManifest("signature");
    assertThat(digests(repository.referrers(subject.digest()))).containsExactly(referrer.digest());
  }

  @ParameterizedTest
  @EnumSource
  void subject_missing_acceptedThenPushedThenDeleted(HashFunction hash) {
    var config = Manifests.config();
    repository.push(hash, config);
    var subject = Manifests.image(hash, config, List.of());
    var referrer = artifact(hash, subject, SBOM, "early");
    repository.pushManifest(hash, referrer);
    String path = subject.digest(hash);
    assertThat(digests(repository.referrers(path))).containsExactly(referrer.digest(hash));
    repository.pushManifest(hash, subject);
    assertThat(digests(repository.referrers(path))).containsExactly(referrer.digest(hash));
    repository.deleteManifest(subject.digest(hash));
    assertThat(digests(repository.referrers(path))).containsExactly(referrer.digest(hash));
    assertThat(repository.headManifest(referrer.digest(hash)).statusCode()).isEqualTo(200);
  }

  @Test
  void referrers_ofOtherRepository_notListed() {
    var subject = repository.pushImage();
    push(subject, SBOM, "1");
    assertThat(digests(registry.repository().referrers(subject.digest()))).isEmpty();
  }

  @Test
  void referrers_ofReferrer_listed() {
    var subject = repository.pushImage();
    var sbom = push(subject, SBOM, "1");
    var signature = push(sbom, SIGNATURE, "2");
    assertThat(digests(repository.referrers(sbom.digest()))).containsExactly(signature.digest());
    assertThat(digests(repository.referrers(subject.digest()))).containsExactly(sbom.digest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha256:short",
        "latest",
        "sha256",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
      })
  void referrers_impossibleDigest_refused(String digest) {
    assertError(repository.referrers(digest), 400);
  }

  @Test
  void fallbackTag_ofOldClients_keepsWorking() {
    var subject = repository.pushImage();
    var referrer = push(subject, SBOM, "1");
    var fallback = Manifests.index(List.of(referrer));
    String tag = subject.digest().replace(':', '-');
    repository.tag(tag, fallback);
    assertPulled(repository.manifest(tag), fallback, fallback.digest());
    assertThat(digests(repository.referrers(subject.digest()))).containsExactly(referrer.digest());
  }

  private Content push(Content subject, String type, String note) {
    var referrer = artifact(HashFunction.SHA256, subject, type, note);
    repository.pushManifest(HashFunction.SHA256, referrer);
    return referrer;
  }

  private static Content artifact(HashFunction hash, Content subject, String type, String note) {
    return Manifests.image(
        hash,
        Manifests.emptyConfig(),
        List.of(),
        type(type),
        Manifests.subject(hash, subject),
        "\"annotations\":{\"note\":\"%s\"}".formatted(note));
  }

  private static String type(String type) {
    return "\"artifactType\":\"%s\"".formatted(type);
  }

  private static List<Map<String, Object>> manifests(Response response) {
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    assertHeader(response, "Content-Type", Manifests.INDEX);
    assertThat(response.jsonPath().getString("mediaType")).isEqualTo(Manifests.INDEX);
    assertThat(response.jsonPath().getInt("schemaVersion")).isEqualTo(2);
    return response.jsonPath().getList("manifests");
  }

  private static List<String> digests(Response response) {
    return manifests(response).stream().map(entry -> String.valueOf(entry.get("digest"))).toList();
  }
}
