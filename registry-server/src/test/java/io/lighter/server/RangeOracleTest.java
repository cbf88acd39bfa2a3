package io.lighter.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.View;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random ranges, one or several in a request, while blobs are pulled through, converted, evicted,
 * pushed, deleted and collected around them: every byte is compared, and nothing that is there by
 * rights may be missing.
 *
 * <p>{@value #RANGES} says how many ranges; 10,000 if it is not set.
 */
class RangeOracleTest {
  static final String RANGES = "lighter.oracle.ranges";

  private static final int CLIENTS = 6;
  private static final int MIRRORED = 8;

  /**
   * Mirrored images are read by turns, some at a time: what was used in the last five seconds is
   * not evicted.
   */
  private static final int TURNS = 4;

  private static final Duration TURN = Duration.ofMillis(2500);

  /** So that each was evicted and is read again. */
  private static final Duration SHORTEST = TURN.multipliedBy(TURNS + 1);

  /** So short that what comes and goes is collected while the test runs. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Three of the mirrored images, which are not converted: converted content in use stays. */
  private static final DataSize CAPACITY = new DataSize(16_000_000);

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final List<Target> targets = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong left = new AtomicLong(Integer.getInteger(RANGES, 10_000));
  private long startedAt;
  private TestServer server;

  /**
   * A blob at an address that is valid all the time.
   *
   * @param turn when it is read; less than 0 for always
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Target(String path, byte[] content, int turn) {}

  @BeforeEach
  void start() {
    var gc = new ServerConfig.Gc(Duration.ZERO, GRACE, GRACE, 100_000);
    server = TestServer.start(data, upstream.uri(), TestServer.conversionOfHosted(), CAPACITY, gc);
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void ranges_whileEverythingElseGoesOn_areRight() throws Exception {
    for (int i = 0; i < MIRRORED; i++) {
      mirrored(i);
    }
    hosted();
    startedAt = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var others = new ArrayList<Future<?>>();
      others.add(threads.submit(this::collect));
      others.add(threads.submit(this::churn));
      others.add(threads.submit(this::pull));
      var clients = new ArrayList<Future<?>>();
      for (int i = 0; i < CLIENTS; i++) {
        int seed = i;
        clients.add(threads.submit(() -> read(new Random(seed))));
      }
      try {
        for (Future<?> client : clients) {
          client.get();
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> other : others) {
        other.get();
      }
    }
    String metrics = server.management("/metrics");
    assertThat(metrics).containsPattern("lighter_evicted_blobs_total\\{[^}]*} [1-9]");
    assertThat(metrics).containsPattern("lighter_gc_removed_total\\{kind=\"blob\"\\} [1-9]");
    assertThat(metrics).containsPattern("lighter_pinned_bytes\\{kind=\"toc\"} [1-9]");
  }

  private void mirrored(int number) {
    TestImage image = TestImage.random(number);
    image
        .blobs()
        .forEach((digest, content) -> {
          upstream.blob("library/app", content);
          targets.add(
              new Target("/v2/docker.io/library/app/blobs/" + digest, content, number % TURNS));
        });
    upstream.manifest("library/app", "v" + number, new String(image.manifest().content(), UTF_8));
  }

  /** An image that was pushed, and what became of it by conversion. */
  private void hosted() {
    TestImage image = TestImage.random(100);
    server.push("team/app", image, "v1");
    image
        .blobs()
        .forEach((digest, content) ->
            targets.add(new Target("/v2/team/app/blobs/" + digest, content, -1)));
    await()
        .atMost(PATIENCE)
        .until(() ->
            server
                .get("/v2/team/app/manifests/v1", View.HEADER, "lazy")
                .headers()
                .firstValue(View.HEADER)
                .equals(Optional.of("lazy")));
    byte[] manifest = server.get("/v2/team/app/manifests/v1", View.HEADER, "lazy").body();
    for (var layer : ManifestView.parse(Optional.empty(), manifest).layers()) {
      String path = "/v2/team/app/blobs/" + layer.digest();
      byte[] content = server.get(path).body();
      assertThat(Digest.ofSha256(content)).isEqualTo(layer.digest());
      targets.add(new Target(path, content, -1));
    }
  }

  private Void read(Random random) {
    while (left.get() > 0 || System.nanoTime() - startedAt < SHORTEST.toNanos()) {
      Target target = targets.get(random.nextInt(targets.size()));
      if (target.turn() >= 0 && target.turn() != turn()) {
        continue;
      }
      int count = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(12);
      var ranges = new ArrayList<int[]>();
      for (int i = 0; i < count; i++) {
        ranges.add(range(random, target.content().length));
      }
      compare(target, ranges);
      left.addAndGet(-count);
    }
    return null;
  }

  private int turn() {
    return (int) ((System.nanoTime() - startedAt) / TURN.toNanos() % TURNS);
  }

  /** First and last byte: often as lazy clients ask, by chunks, or at an end of the blob. */
  private static int[] range(Random random, int size) {
    int longest = random.nextInt(8) == 0 ? size : Math.min(size, 110_000);
    int length = 1 + random.nextInt(longest);
    int first =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> size - length;
          case 2 -> random.nextInt(size) / 50_000 * 50_000;
          default -> random.nextInt(size);
        };
    return new int[] {first, Math.min(first + length, size) - 1};
  }

  private void compare(Target target, List<int[]> ranges) {
    String header =
        "bytes=" + String.join(",", ranges.stream().map(each -> each[0] + "-" + each[1]).toList());
    HttpResponse<byte[]> answer = server.get(target.path(), "Range", header);
    if (answer.statusCode() != 206) {
      String body = new String(answer.body(), UTF_8);
      throw new AssertionError(
          "%s %s: %d %s".formatted(target.path(), header, answer.statusCode(), body));
    }
    byte[] expected =
        ranges.size() == 1
            ? slice(target.content(), ranges.getFirst())
            : multipart(target, ranges, boundary(answer));
    assertThat(answer.body().length).as(header).isEqualTo(expected.length);
    if (!Arrays.equals(answer.body(), expected)) {
      throw new AssertionError("wrong bytes: " + target.path() + " " + header);
    }
  }

  private static String boundary(HttpResponse<byte[]> answer) {
    String type = answer.headers().firstValue("Content-Type").orElseThrow();
    return type.substring(type.indexOf("boundary=") + "boundary=".length());
  }

  private static byte[] multipart(Target target, List<int[]> ranges, String boundary) {
    var body = new ByteArrayOutputStream();
    for (int i = 0; i < ranges.size(); i++) {
      int[] range = ranges.get(i);
      String head =
          "%s--%s\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
              .formatted(
                  i == 0 ? "" : "\r\n", boundary, range[0], range[1], target.content().length);
      body.writeBytes(head.getBytes(ISO_8859_1));
      body.writeBytes(slice(target.content(), range));
    }
    body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(ISO_8859_1));
    return body.toByteArray();
  }

  private static byte[] slice(byte[] content, int[] range) {
    return Arrays.copyOfRange(content, range[0], range[1] + 1);
  }

  private Void collect() {
    while (!stop.get()) {
      assertThat(server.admin("/admin/gc").statusCode()).isEqualTo(200);
    }
    return null;
  }

  /** Images that come and go, so that there is something to collect. */
  private Void churn() {
    for (int i = 0; !stop.get(); i++) {
      TestImage image = TestImage.of("amd64", List.of(Map.of("f", ("churn " + i).getBytes(UTF_8))));
      String repository = "churn/r" + i % 3;
      server.push(repository, image, "latest");
      Digest layer = image.layers().getFirst().digest();
      assertThat(server.get("/v2/%s/blobs/%s".formatted(repository, layer)).body())
          .isEqualTo(requireNonNull(image.blobs().get(layer)));
      assertThat(server.delete("/v2/%s/manifests/latest".formatted(repository)).statusCode())
          .isEqualTo(202);
    }
    return null;
  }

  private Void pull() {
    for (int i = 0; !stop.get(); i++) {
      String tag = "v" + (turn() + i % (MIRRORED / TURNS) * TURNS);
      String path = "/v2/docker.io/library/app/manifests/" + tag;
      assertThat(server.get(path).statusCode()).isEqualTo(200);
    }
    return null;
  }
}
