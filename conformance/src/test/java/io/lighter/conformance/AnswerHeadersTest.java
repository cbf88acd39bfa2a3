package io.lighter.conformance;

import static io.lighter.conformance.Answers.assertHeader;
import static io.lighter.conformance.Answers.assertNoHeader;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every answer has or must not have: API version, warnings, encodings, JSON errors. */
@ExtendWith(RegistryExtension.class)
class AnswerHeadersTest {
  private final Map<String, Response> answers = new TreeMap<>();

  AnswerHeadersTest(Registry registry) {
    var repository = registry.sparseRepository().orElseGet(registry::repository);
    var image = repository.pushImage();
    var blob = Content.random(300);
    answers.put("ping", registry.request().get("/v2/"));
    answers.put("catalog", registry.request().get("/v2/_catalog?n=1"));
    answers.put("upload", repository.post(""));
    answers.put("blob pushed", repository.upload().commit(blob.digest(), blob.bytes()));
    answers.put("blob", repository.blob(blob.digest()));
    answers.put("blob HEAD", repository.headBlob(blob.digest()));
    answers.put("manifest pushed", repository.putManifest("latest", image));
    answers.put("manifest", repository.manifest("latest"));
    answers.put("manifest HEAD", repository.headManifest("latest"));
    answers.put("tags", repository.tags("?n=1"));
    answers.put("referrers", repository.referrers(image.digest()));
    answers.put("error: blob", repository.blob(Content.random(9).digest()));
    answers.put("error: manifest", repository.manifest("missing"));
    answers.put("error: name", registry.repository("a___b").post(""));
    answers.put("error: digest", repository.post("?digest=sha256:short"));
    answers.put("error: route", registry.request().get("/v2/nothing"));
    answers.put("error: page", repository.tags("?n=x"));
    answers.put("error: method", registry.request().post(repository.path("tags/list")));
    answers.put("error: manifest document", repository.putManifest("x", Manifests.emptyConfig()));
  }

  @Test
  void anyAnswer_namesApiVersion() {
    answers.forEach((what, answer) ->
        assertThat(answer.header("Docker-Distribution-Api-Version"))
            .as(what)
            .isEqualTo("registry/2.0"));
  }

  @Test
  void anyAnswer_hasLengthAndNoEncoding() {
    answers.forEach((what, answer) -> {
      assertThat(answer.header("Content-Encoding")).as(what).isNull();
      assertThat(answer.header("Transfer-Encoding")).as(what).isNull();
      assertThat(answer.header("Content-Length")).as(what).isNotNull();
    });
  }

  /** Code 299, no agent, no date; clients print them, so an ordinary push or pull has none. */
  @Test
  void warnings_none_or299() {
    answers.forEach((what, answer) -> {
      List<String> warnings = answer.headers().getValues("Warning");
      assertThat(warnings).as(what).allMatch(warning -> warning.matches("299 - \"[^\"]*\""));
      assertThat(String.join("", warnings)).as(what).hasSizeLessThanOrEqualTo(4096);
    });
    for (String plain : List.of("ping", "blob", "manifest", "tags")) {
      assertNoHeader(requireNonNull(answers.get(plain)), "Warning");
    }
  }

  @Test
  void anyError_isJsonWithCodeAndMessage() {
    answers.forEach((what, answer) -> {
      if (what.startsWith("error: ")) {
        assertThat(answer.statusCode()).as(what).isBetween(400, 499);
        assertThat(answer.contentType()).as(what).startsWith("application/json");
        assertThat(answer.jsonPath().getString("errors[0].code")).as(what).matches("[A-Z_]+");
        assertThat(answer.jsonPath().getString("errors[0].message")).as(what).isNotBlank();
      }
    });
  }

  @Test
  void blob_entityTagIsStrong() {
    for (String what : List.of("blob", "blob HEAD", "manifest", "manifest HEAD")) {
      assertThat(requireNonNull(answers.get(what)).header("ETag")).as(what).matches("\"[^\"]+\"");
    }
    for (String what : List.of("blob", "blob HEAD")) {
      assertHeader(requireNonNull(answers.get(what)), "Accept-Ranges", "bytes");
    }
  }

  @Test
  void blob_mayBeCachedForEver() {
    var blob = requireNonNull(answers.get("blob"));
    assertHeader(blob, "Cache-Control", "max-age=31536000, immutable");
  }
}
