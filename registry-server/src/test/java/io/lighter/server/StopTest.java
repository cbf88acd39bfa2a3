package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a server that stops, and how long it takes. */
class StopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final byte[] content =
      "content of a blob".repeat(10_000).getBytes(StandardCharsets.UTF_8);
  private TestServer server;
  private String held;

  @BeforeEach
  void start() {
    Digest digest = upstream.blob("library/app", content);
    held = ScriptedUpstream.blobPath("library/app", digest);
    upstream.always(held, new Step.Hold(1000, gate));
    server = TestServer.start(data, upstream.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    gate.countDown();
    server.close();
    upstream.close();
  }

  @Test
  void stop_bodyThatWaitsForASilentUpstream_isBrokenOffAfterTheDrain() {
    var download = download();
    long startedAt = System.nanoTime();

    server.stop();

    assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
        .isBetween(TestServer.DRAIN, TestServer.DRAIN.plusSeconds(8));
    assertThat(download).failsWithin(PATIENCE);
    assertThat(upstream.count("GET", held)).as("nothing is asked again").isEqualTo(1);
  }

  @Test
  void stop_bodyIsBrokenOffWhenItsEventLoopIsGone_noThreadDiesOfIt() {
    var uncaught = new ConcurrentLinkedQueue<Throwable>();
    var before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, failure) -> uncaught.add(failure));
    try {
      var download = download();
      server.stop();
      assertThat(download).failsWithin(PATIENCE);
      // Nobody waits for the thread of the body, which hears of the end after its event loop.
      await().during(Duration.ofSeconds(1)).until(uncaught::isEmpty);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void stop_requestUnderWay_isFinishedWhileNewOnesAreToldToComeBack() {
    byte[] pushed = "pushed content".getBytes(StandardCharsets.UTF_8);
    String hot = "/v2/team/app/blobs/" + Digest.ofSha256(pushed);
    server.pushBlob("team/app", Digest.ofSha256(pushed), pushed);
    server.get(hot);
    var download = download();

    var stopped = CompletableFuture.runAsync(server::stop);

    await()
        .atMost(TestServer.DRAIN)
        .untilAsserted(() -> {
          HttpResponse<byte[]> refused = server.get("/v2/");
          assertThat(refused.statusCode()).isEqualTo(503);
          assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        });
    assertThat(server.get(hot, "Range", "bytes=0-5").body()).asString().isEqualTo("pushed");
    gate.countDown();
    assertThat(download).succeedsWithin(PATIENCE).isEqualTo(content);
    assertThat(stopped).succeedsWithin(PATIENCE);
  }

  private CompletableFuture<byte[]> download() {
    var body =
        CompletableFuture.supplyAsync(
            () -> server.get("/v2/docker.io" + held.substring("/v2".length())).body());
    await().atMost(PATIENCE).until(() -> upstream.count("GET", held) == 1);
    return body;
  }
}
