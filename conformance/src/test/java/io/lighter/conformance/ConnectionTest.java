package io.lighter.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections: kept after every error, pipelined, with {@code Expect: 100-continue}, and refusals
 * that can be read while the body is still being sent.
 */
@ExtendWith(RegistryExtension.class)
class ConnectionTest {
  private static final String ABSENT = "sha256:" + "0".repeat(64);

  private static final String EMPTY_INDEX =
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}".formatted(Manifests.INDEX);

  private final Registry registry;
  private final Repository repository;
  private final Content image;

  ConnectionTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    this.image = repository.pushImage();
    repository.tag("latest", image);
  }

  /**
   * A request that is refused.
   *
   * @param target below the repository, or from the root
   */
  record Refused(int status, String method, String target, String body, String header) {
    Refused(int status, String method, String target, String body) {
      this(status, method, target, body, "Accept: */*");
    }
  }

  static List<Refused> refused() {
    return List.of(
        new Refused(400, "POST", "blobs/uploads/?digest=sha256:short", "x"),
        new Refused(400, "PUT", "manifests/x", "{", "Content-Type: " + Manifests.IMAGE),
        new Refused(400, "GET", "tags/list?n=x", ""),
        new Refused(404, "GET", "manifests/missing", ""),
        new Refused(404, "GET", "blobs/" + ABSENT, ""),
        new Refused(404, "PATCH", "blobs/uploads/none", "some bytes"),
        new Refused(404, "PUT", "blobs/uploads/none?digest=" + ABSENT, "some bytes"),
        new Refused(404, "GET", "/nothing", ""),
        new Refused(404, "POST", "/nothing", "some bytes"),
        new Refused(405, "POST", "tags/list", "some bytes"),
        new Refused(412, "PUT", "manifests/latest", EMPTY_INDEX, "If-None-Match: *"),
        new Refused(416, "GET", "blobs/IMAGECONFIG", "", "Range: bytes=999999-"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void afterError_connectionGoesOn(Refused refused) {
    try (var wire = registry.connect()) {
      for (int i = 0; i < 3; i++) {
        send(wire, refused);
        assertThat(wire.read().status()).isEqualTo(refused.status());
        var next = wire.send("GET", repository.path("manifests/latest")).read();
        assertThat(next.body()).isEqualTo(image.bytes());
      }
    }
  }

  @Test
  void pipelined_errorsAndBodies_answeredInOrder() {
    try (var wire = registry.connect()) {
      for (Refused refused : refused()) {
        send(wire, refused);
        wire.send("GET", repository.path("manifests/latest"));
      }
      for (Refused refused : refused()) {
        assertThat(wire.read().status()).as(refused.target()).isEqualTo(refused.status());
        assertThat(wire.read().body()).isEqualTo(image.bytes());
      }
    }
  }

  @Test
  void pipelined_pushThenPull_inOrder() {
    var blob = Content.random(200_000);
    try (var wire = registry.connect()) {
      wire.sendBody(
          "POST", repository.path("blobs/uploads/?digest=" + blob.digest()), blob.bytes());
      wire.send("GET", repository.path("manifests/latest"));
      wire.send("GET", "/v2/");
      assertThat(wire.read().status()).isEqualTo(201);
      assertThat(wire.read().body()).isEqualTo(image.bytes());
      assertThat(wire.read().text()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8 << 20, 40 << 20})
  void tooLargeManifest_whileSending_413Readable(int size) {
    var body = new byte[size];
    try (var wire = registry.connect()) {
      wire.sendBody(
          "PUT", repository.path("manifests/large"), body, "Content-Type: " + Manifests.IMAGE);
      var answer = wire.read();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.text()).contains("MANIFEST_INVALID");
    }
    assertThat(repository.headManifest("large").statusCode()).isEqualTo(404);
  }

  /** The client sends everything before it reads, as simple ones do. */
  @ParameterizedTest
  @ValueSource(strings = {"blobs/uploads/none", "tags/list", "blobs/uploads/?digest=sha256:short"})
  void earlyError_clientSendsOn_answerReadable(String target) {
    try (var wire = registry.connect()) {
      String method = target.startsWith("blobs/uploads/?") ? "POST" : "PATCH";
      wire.sendBody(method, repository.path(target), new byte[32 << 20]);
      var answer = wire.read();
      assertThat(answer.status()).isIn(400, 404, 405);
      assertThat(answer.text()).contains("\"errors\"");
    }
  }

  @Test
  void expectContinue_wanted_bodyAskedFor() {
    var blob = Content.random(5000);
    try (var wire = registry.connect()) {
      wire.send(
          "POST",
          repository.path("blobs/uploads/?digest=" + blob.digest()),
          "Content-Length: 5000",
          "Expect: 100-continue");
      assertThat(wire.read().status()).isEqualTo(100);
      assertThat(wire.write(blob.bytes()).read().status()).isEqualTo(201);
      assertSane(wire);
    }
  }

  /** Whoever asks first is told at once and need not send a body that nobody wants. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "404 PATCH blobs/uploads/none",
        "404 POST nothing/here",
        "405 PUT tags/list",
        "413 PUT manifests/large",
        "400 POST blobs/uploads/?digest=sha256:short"
      })
  void expectContinue_refused_toldWithoutBody(String request) {
    String[] words = request.split(" ", -1);
    try (var wire = registry.connect()) {
      wire.send(
          words[1],
          repository.path(words[2]),
          "Content-Type: " + Manifests.IMAGE,
          "Content-Length: 50000000",
          "Expect: 100-continue");
      assertThat(wire.read().status()).isEqualTo(Integer.parseInt(words[0]));
    }
  }

  @Test
  void expectOther_refusedOrIgnored() {
    try (var wire = registry.connect()) {
      assertThat(wire.send("GET", "/v2/", "Expect: the-impossible").read().status()).isIn(200, 417);
    }
  }

  @Test
  void connectionClose_asked_closedAfterAnswer() {
    try (var wire = registry.connect()) {
      var answer =
          wire.send("GET", repository.path("manifests/latest"), "Connection: close").read();
      assertThat(answer.body()).isEqualTo(image.bytes());
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void chunkedBody_withTrailerAndExtension_stored() {
    var blob = Content.random(16);
    var upload = repository.upload();
    try (var wire = registry.connect()) {
      wire.send("PATCH", upload.location(), "Transfer-Encoding: chunked", "Trailer: X-Note");
      wire.write("10;note=\"a b\"\r\n").write(blob.bytes());
      wire.write("\r\n0\r\nX-Note: end\r\n\r\n");
      var answer = wire.read();
      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.header("Range")).isEqualTo("0-15");
      assertSane(wire);
    }
  }

  /** A long header or path is refused in words, and what may be long is not refused. */
  @Test
  void header_of40Kilobytes_taken() {
    try (var wire = registry.connect()) {
      var answer = wire.send("GET", "/v2/", "X-Long: " + "x".repeat(40_000)).read();
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void header_ofMegabytes_431() {
    try (var wire = registry.connect()) {
      wire.send("GET", "/v2/", "X-Long: " + "x".repeat(200_000));
      assertThat(wire.read().status()).isIn(400, 431);
    }
    try (var wire = registry.connect()) {
      assertSane(wire);
    }
  }

  @Test
  void path_ofHundredKilobytes_414() {
    try (var wire = registry.connect()) {
      wire.send("GET", "/v2/" + "x".repeat(100_000));
      assertThat(wire.read().status()).isIn(400, 404, 414, 431);
    }
  }

  private static void assertSane(Wire wire) {
    assertThat(wire.send("GET", "/v2/").read().status()).isEqualTo(200);
  }

  private void send(Wire wire, Refused refused) {
    String target = refused.target().replace("IMAGECONFIG", configDigest());
    wire.sendBody(
        refused.method(),
        target.startsWith("/") ? target : repository.path(target),
        refused.body().getBytes(US_ASCII),
        refused.header());
  }

  private String configDigest() {
    return repository.manifest("latest").jsonPath().getString("config.digest");
  }
}
