package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave in the middle, and clients that hardly read: nobody else may notice. */
class ClientGoneTest {
  private static final int MIB = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private static Path data;
  private static final byte[] LARGE = new byte[32 * MIB];
  private static TestServer server;
  private static Digest digest;

  @BeforeAll
  static void start() {
    new Random(7).nextBytes(LARGE);
    digest = Digest.ofSha256(LARGE);
    server = TestServer.start(data, TestServer.generous(), 1000);
    server.pushBlob("app", digest, LARGE);
    assertThat(server.get(path()).body()).isEqualTo(LARGE);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void downloads_brokenOff_leaveNoHandleAndNoThread() throws IOException {
    settle();
    long handles = handles();
    int threads = Thread.activeCount();
    for (int i = 0; i < 50; i++) {
      try (var whole = Wire.connect(server.port());
          var parts = Wire.connect(server.port())) {
        whole.send("GET " + path() + " HTTP/1.1\r\nHost: x\r\n\r\n").readRaw(1000);
        parts
            .send(
                "GET "
                    + path()
                    + " HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9999999,5-30000000\r\n\r\n")
            .readRaw(1000);
      }
    }
    settle();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(handles()).isLessThanOrEqualTo(handles + 2));
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 4);
    assertThat(server.get(path()).body()).isEqualTo(LARGE);
  }

  @Test
  void uploads_brokenOff_keepWhatWasWrittenAndGoOnThere() {
    byte[] content = Arrays.copyOf(LARGE, 5 * MIB);
    String begun =
        server
            .post("/v2/app/blobs/uploads/", new byte[0])
            .headers()
            .firstValue("Location")
            .orElseThrow();
    try (var wire = Wire.connect(server.port())) {
      wire.send(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(begun, content.length));
      wire.send(Arrays.copyOf(content, 3 * MIB));
    }
    settle();
    var state = server.get(begun);
    String location = state.headers().firstValue("Location").orElseThrow();
    // The Range of nothing is 0-0 too, so the offset is taken from where the location has it.
    int offset = Integer.parseInt(location.replaceAll(".*_state=", ""), Character.MAX_RADIX);
    assertThat(offset).isBetween(0, 3 * MIB);
    assertThat(state.headers().firstValue("Range")).contains("0-" + Math.max(0, offset - 1));
    byte[] rest = Arrays.copyOfRange(content, offset, content.length);

    assertThat(server.put(location + "&digest=" + Digest.ofSha256(content), rest).statusCode())
        .isEqualTo(201);
    assertThat(server.metric("lighter_uploads")).isZero();
  }

  /** What would be 3 GiB of answers if anything of them were kept in memory. */
  @Test
  void slowReaders_doNotStopOthers() {
    var slow = new ArrayList<Wire>();
    try {
      for (int i = 0; i < 100; i++) {
        var wire = Wire.connect(server.port(), 4096);
        slow.add(wire);
        wire.send(
            "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n"
                .formatted(path(), i % 2 == 0 ? "" : "Range: bytes=0-9999999,1-30000000\r\n"));
      }
      slow.forEach(wire -> wire.readRaw(500));
      long startedAt = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertThat(server.get(path(), "Range", "bytes=5-9").statusCode()).isEqualTo(206);
        assertThat(server.get("/v2/app/tags/list").statusCode()).isEqualTo(200);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(PATIENCE);
    } finally {
      slow.forEach(Wire::close);
    }
    settle();
  }

  private static String path() {
    return "/v2/app/blobs/" + digest;
  }

  /** All that is left are the connections of the test's own client. */
  private static void settle() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(server.metric("lighter_connections")).isLessThan(8));
  }

  private static long handles() {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
