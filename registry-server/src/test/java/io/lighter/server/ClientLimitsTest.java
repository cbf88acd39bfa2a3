package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.LimitsConfig.Share;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one client or namespace may ask for, as those see it who ask for more. */
@Timeout(60)
class ClientLimitsTest {
  private static final Share ANY = new Share(0, new DataSize(0), 0);

  /** A tenth of it goes at once, so that 3 MB take 2.7 s. */
  private static final int MEGABYTE = 1_000_000;

  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final byte[] content = random(3 * MEGABYTE, 1);
  private final Digest digest = Digest.ofSha256(content);
  private final List<TestServer> servers = new ArrayList<>();

  @TempDir private Path data;

  @AfterEach
  void stop() {
    servers.forEach(TestServer::close);
    upstream.close();
  }

  @Test
  void requests_beyondTheRateOfAClient_429WithRetryAfterThenGoOn() {
    TestServer server = start(new Share(5, new DataSize(0), 0), ANY);
    server.pushBlob("team/app", digest, content);
    String blob = "/v2/team/app/blobs/" + digest;

    List<Integer> statuses = new ArrayList<>();
    HttpResponse<byte[]> last = server.head(blob);
    for (int i = 0; i < 30; i++) {
      last = server.head(blob); // Of what is open already: nothing else would look at the rate.
      statuses.add(last.statusCode());
    }

    assertThat(statuses).containsOnly(200, 429);
    assertThat(statuses).filteredOn(status -> status == 200).hasSizeBetween(5, 20);
    HttpResponse<byte[]> refused = server.get("/v2/team/app/tags/list");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    assertThat(new String(refused.body(), UTF_8)).contains("TOOMANYREQUESTS", "5 in a second");
    await().until(() -> server.head(blob).statusCode() == 200);
    assertThat(server.management("/metrics"))
        .containsPattern("lighter_refused_total\\{reason=\"rate\"} [1-9]");
  }

  @Test
  void requests_beyondTheRateOfANamespace_othersGoOn() {
    TestServer server = start(ANY, new Share(3, new DataSize(0), 0));
    while (server.get("/v2/busy/app/tags/list").statusCode() != 429) {
      // Until it is used up.
    }

    assertThat(server.get("/v2/quiet/app/tags/list").statusCode()).isEqualTo(404);
    assertThat(server.get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void bandwidth_ofAClient_pacesWhatIsStoredWhatArrivesAndWhatIsPushed() {
    upstream.blob("library/app", content);
    try (var unlimited = TestServer.start(data, upstream.uri(), Duration.ofHours(1))) {
      unlimited.pushBlob("team/app", digest, content);
    }
    TestServer server = start(new Share(0, new DataSize(MEGABYTE), 0), ANY);
    String stored = "/v2/team/app/blobs/" + digest;

    assertPaced(() -> assertThat(server.get(stored).body()).isEqualTo(content)); // not open yet
    assertPaced(() -> assertThat(server.get(stored).body()).isEqualTo(content)); // open
    assertPaced(() ->
        assertThat(server.get("/v2/docker.io/library/app/blobs/" + digest).body())
            .isEqualTo(content));
    byte[] other = random(3 * MEGABYTE, 2);
    assertPaced(() -> server.pushBlob("team/app", Digest.ofSha256(other), other));
  }

  @Test
  void fills_beyondThoseOfAClient_waitForTheFirst() {
    byte[] second = random(MEGABYTE, 3);
    Digest secondDigest = upstream.blob("library/app", second);
    upstream.blob("library/app", content);
    var gate = new CountDownLatch(1);
    String held = ScriptedUpstream.blobPath("library/app", digest);
    upstream.next(held, new Step.Honest()); // The question how large it is.
    upstream.next(held, new Step.Hold(1000, gate));
    TestServer server = start(new Share(0, new DataSize(0), 1), ANY);
    String path = "/v2/docker.io/library/app/blobs/";

    var first = CompletableFuture.supplyAsync(() -> server.get(path + digest));
    await().until(() -> server.metric("lighter_upstream_fetches") == 1);
    HttpResponse<byte[]> refused = server.get(path + secondDigest);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(new String(refused.body(), UTF_8)).contains("too many downloads at once");
    assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    var waiting = CompletableFuture.supplyAsync(() -> server.get(path + secondDigest));
    gate.countDown();

    assertThat(first.join().body()).isEqualTo(content);
    assertThat(waiting.join().body()).isEqualTo(second);
  }

  private static void assertPaced(Runnable transfer) {
    long start = System.nanoTime();
    transfer.run();
    // The time before may have filled the bucket; a slow machine only makes it longer.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1900));
  }

  private TestServer start(Share client, Share namespace) {
    var server =
        TestServer.start(
            data,
            TestServer.generous(),
            upstream.uri(),
            AccessConfig.DEFAULT,
            new LimitsConfig(
                100, 100, Duration.ZERO, client, namespace, new DataSize(0), Map.of()));
    servers.add(server);
    return server;
  }

  private static byte[] random(int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
