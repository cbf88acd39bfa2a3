package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.ManifestView;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ErrorAnswersTest {
  private static final Digest DIGEST = Digest.ofSha256(new byte[0]);
  private static final String SECRET = "/var/lib/lighter/blobs and token=abc";

  private static Stream<Arguments> failures() {
    return Stream.of(
        arguments(ProtocolException.of(OciErrorCode.NAME_UNKNOWN, "x"), 404, "NAME_UNKNOWN"),
        arguments(ProtocolException.of(OciErrorCode.UNSUPPORTED, 414, "x"), 414, "UNSUPPORTED"),
        arguments(MethodNotAllowed.allowed("GET"), 405, "UNSUPPORTED"),
        arguments(thrown(() -> Digest.parse("sha256:x")), 400, "DIGEST_INVALID"),
        arguments(thrown(() -> RepositoryName.parse("UPPER")), 400, "NAME_INVALID"),
        arguments(thrown(() -> Tag.parse("-")), 400, "NAME_INVALID"),
        arguments(new InvalidManifestException("x"), 400, "MANIFEST_INVALID"),
        arguments(
            thrown(() -> ManifestView.parse(Optional.empty(), new byte[] {'{'})),
            400,
            "MANIFEST_INVALID"),
        arguments(new StorageException.BlobMissing(DIGEST), 404, "BLOB_UNKNOWN"),
        arguments(
            new StorageException.UploadMissing(UploadId.random()), 404, "BLOB_UPLOAD_UNKNOWN"),
        arguments(new StorageException.DigestMismatch(DIGEST, DIGEST), 400, "DIGEST_INVALID"),
        arguments(
            new StorageException.DiskFull(SECRET, new IOException(SECRET)), 507, "UNAVAILABLE"),
        arguments(new StorageException.Corrupt(SECRET, null), 500, "UNKNOWN"),
        arguments(new StorageException.Unavailable(SECRET, null), 503, "UNAVAILABLE"),
        arguments(new UpstreamException.NotFound("x"), 404, "NAME_UNKNOWN"),
        arguments(new UpstreamException.Denied("x"), 403, "DENIED"),
        arguments(
            new UpstreamException.RateLimited("x", Optional.of(Duration.ofSeconds(7))),
            429,
            "TOOMANYREQUESTS"),
        arguments(new UpstreamException.Unreachable(SECRET, null), 503, "UNAVAILABLE"),
        arguments(new UpstreamException.Invalid(SECRET, null), 502, "UNAVAILABLE"),
        arguments(new IllegalStateException(SECRET), 500, "UNKNOWN"),
        arguments(new StackOverflowError(SECRET), 500, "UNKNOWN"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void of_everyFailure_hasItsStatusAndCode(Throwable failure, int status, String code) {
    quietly(() -> {
      Answer answer = ErrorAnswers.of("request-1", failure);
      JsonNode error = json(answer).path("errors").path(0);

      assertThat(answer.status()).isEqualTo(status);
      assertThat(error.path("code").asString()).isEqualTo(code);
      assertThat(error.path("message").asString()).isNotBlank();
      assertThat(header(answer, "Content-Type")).contains("application/json");
    });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void of_serverErrors_nameTheRequestAndNothingInside(Throwable failure, int status, String code) {
    quietly(() -> {
      Answer answer = ErrorAnswers.of("request-1", failure);
      String text = text(answer);

      assertThat(text).doesNotContain("/var/lib", "token", "Exception", code + ".");
      assertThat(text.contains("request-1")).isEqualTo(status >= 500);
    });
  }

  @ParameterizedTest
  @MethodSource("failures")
  void of_head_hasTheLengthAndNoBody(Throwable failure, int status, String code) {
    quietly(() -> {
      Answer get = ErrorAnswers.of("request-1", failure);
      Answer head = get.withoutBody();

      assertThat(head.status()).isEqualTo(status);
      assertThat(head.headers()).isEqualTo(get.headers());
      assertThat(head.body()).isEqualTo(new Answer.Body.Head(text(get).length()));
      assertThat(code).isNotEmpty();
    });
  }

  @Test
  void of_whatPasses_saysWhenToComeBack() {
    quietly(() -> {
      assertThat(retryAfter(new UpstreamException.RateLimited("x", Optional.empty())))
          .contains("60");
      assertThat(
              retryAfter(
                  new UpstreamException.RateLimited("x", Optional.of(Duration.ofMillis(200)))))
          .contains("1");
      assertThat(retryAfter(new UpstreamException.Unreachable("x", null))).contains("1");
      assertThat(retryAfter(new StorageException.Unavailable("x", null))).contains("1");
      assertThat(header(ErrorAnswers.overloaded("1"), "Retry-After")).contains("1");
    });
  }

  @Test
  void of_textOfTheClient_isEscaped() {
    Answer answer =
        ErrorAnswers.of("1", Dispatcher.noEndpoint("/\"\u0001\n</script>" + "x".repeat(9999)));

    assertThat(text(answer)).doesNotContain("\n").hasSizeLessThan(600);
    assertThat(json(answer).path("errors").path(0).path("message").asString())
        .contains("/\"\u0001\n");
  }

  private static Optional<String> retryAfter(Throwable failure) {
    return header(ErrorAnswers.of("1", failure), "Retry-After");
  }

  private static Optional<String> header(Answer answer, String name) {
    return answer.headers().stream()
        .filter(header -> header.name().equals(name))
        .map(Answer.Header::value)
        .findFirst();
  }

  private static String text(Answer answer) {
    return answer.body() instanceof Answer.Body.Bytes(byte[] content)
        ? new String(content, StandardCharsets.UTF_8)
        : "";
  }

  private static JsonNode json(Answer answer) {
    return JsonMapper.shared().readTree(text(answer));
  }

  private static Throwable thrown(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      return e;
    }
    throw new AssertionError("nothing was thrown");
  }

  /** The failures are logged with their traces, which nobody needs to see here. */
  private static void quietly(Runnable action) {
    var logger = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(ErrorAnswers.class);
    logger.setLevel(ch.qos.logback.classic.Level.OFF);
    try {
      action.run();
    } finally {
      logger.setLevel(null);
    }
  }
}
