package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.View;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pushes, pulls, mounts and deletes while garbage is collected without a pause, with a grace so
 * short that it matters. Whatever a client was told to be here must be here: nothing that was
 * acknowledged may be lost, nothing that a tag names may ever be incomplete.
 *
 * <p>{@value #SECONDS} says how long, in seconds; 10 if it is not set.
 */
class GarbageLoadTest {
  static final String SECONDS = "lighter.gc.load.seconds";

  private static final Duration GRACE = Duration.ofSeconds(2);

  /** Content that is shared, so that the same blobs are pushed, collected and pushed again. */
  private static final int SHARED_LAYERS = 12;

  @TempDir Path data;

  private final AtomicInteger pushes = new AtomicInteger();
  private final AtomicInteger late = new AtomicInteger();
  private final AtomicInteger skipped = new AtomicInteger();
  private final AtomicInteger mounts = new AtomicInteger();
  private final AtomicInteger collections = new AtomicInteger();
  private final List<Layer> shared = IntStream.range(0, SHARED_LAYERS).mapToObj(Layer::of).toList();
  private long end;

  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, 1, new ServerConfig.Gc(Duration.ZERO, GRACE, GRACE, 100_000));
    end = System.nanoTime() + Duration.ofSeconds(Integer.getInteger(SECONDS, 10)).toNanos();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void pushPullMountDelete_whileGarbageIsCollectedWithoutPause_nothingAcknowledgedIsLost()
      throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      clients.add(threads.submit(this::collect));
      for (int i = 0; i < 4; i++) {
        int number = i;
        clients.add(threads.submit(client(number, random -> pushAndCheck(number, random))));
      }
      clients.add(threads.submit(client(100, this::mountAndCheck)));
      clients.add(threads.submit(client(101, this::askAndName)));
      for (Future<?> client : clients) {
        client.get();
      }
      System.out.printf(
          "%d pushes, %d late, %d uploads spared, %d mounts, %d collections%n",
          pushes.get(), late.get(), skipped.get(), mounts.get(), collections.get());
      String removed = server.management("/metrics");
      assertThat(removed).containsPattern("lighter_gc_removed_total\\{kind=\"blob\"\\} [1-9]");
      assertThat(removed).containsPattern("lighter_gc_removed_total\\{kind=\"manifest\"\\} [1-9]");
      assertThat(pushes.get()).isGreaterThan(5);
      assertThat(mounts.get()).isPositive();
    }
  }

  private Void collect() {
    while (System.nanoTime() < end) {
      var answer = server.admin("/admin/gc");
      assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
      collections.incrementAndGet();
    }
    return null;
  }

  private Callable<Void> client(int seed, Step step) {
    return () -> {
      var random = new Random(seed);
      while (System.nanoTime() < end) {
        step.run(random);
      }
      return null;
    };
  }

  @FunctionalInterface
  private interface Step {
    void run(Random random);
  }

  /** A push as clients do it; then the image must be whole for as long as its tag is there. */
  private void pushAndCheck(int number, Random random) {
    String repository = "load/r" + number;
    TestImage image = image(random);
    if (!push(repository, image, "latest")) {
      return;
    }
    // Most go at once, so that there is much to collect; some stay longer than anything is kept.
    boolean stays = random.nextInt(4) == 0;
    long until = System.nanoTime() + (stays ? GRACE.multipliedBy(2).toNanos() : 0);
    do {
      pull(repository, "latest", image);
    } while (System.nanoTime() < until && System.nanoTime() < end);
    if (random.nextBoolean()) {
      assertThat(server.delete("/v2/%s/manifests/latest".formatted(repository)).statusCode())
          .isEqualTo(202);
    }
    // Else the next push moves the tag.
  }

  /** False if it took longer than the grace and was refused for it, which then is right. */
  private boolean push(String repository, TestImage image, String tag) {
    long startedAt = System.nanoTime();
    for (Map.Entry<Digest, byte[]> blob : image.blobs().entrySet()) {
      String path = "/v2/%s/blobs/%s".formatted(repository, blob.getKey());
      if (server.head(path).statusCode() == 200) {
        skipped.incrementAndGet();
      } else {
        server.pushBlob(repository, blob.getKey(), blob.getValue());
      }
    }
    var answer =
        server.put(
            "/v2/%s/manifests/%s".formatted(repository, tag),
            image.manifest().content(),
            "Content-Type",
            image.manifest().mediaType());
    if (answer.statusCode() == 400 && text(answer).contains("MANIFEST_BLOB_UNKNOWN")) {
      assertThat(Duration.ofNanos(System.nanoTime() - startedAt))
          .as("a push within the grace was refused: %s", text(answer))
          .isGreaterThan(GRACE);
      late.incrementAndGet();
      return false;
    }
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    pushes.incrementAndGet();
    return true;
  }

  private void pull(String repository, String tag, TestImage image) {
    String manifests = "/v2/%s/manifests/".formatted(repository);
    var manifest = server.get(manifests + tag, View.HEADER, "original");
    assertThat(manifest.statusCode()).as(text(manifest)).isEqualTo(200);
    assertThat(manifest.body()).isEqualTo(image.manifest().content());
    image
        .blobs()
        .forEach((digest, content) -> {
          var blob = server.get("/v2/%s/blobs/%s".formatted(repository, digest));
          assertThat(blob.statusCode()).as("%s of %s", digest, repository).isEqualTo(200);
          assertThat(blob.body()).isEqualTo(content);
        });
  }

  /** Mounts from a repository whose content comes and goes. */
  private void mountAndCheck(Random random) {
    Layer layer = shared.get(random.nextInt(SHARED_LAYERS));
    long askedAt = System.nanoTime();
    var answer =
        server.post(
            "/v2/load/mounted/blobs/uploads/?mount=%s&from=load/r%d"
                .formatted(layer.digest(), random.nextInt(4)),
            new byte[0]);
    if (answer.statusCode() == 202) {
      server.cancel(answer);
      return;
    }
    assertThat(answer.statusCode()).isEqualTo(201);
    var blob = server.get("/v2/load/mounted/blobs/" + layer.digest());
    if (System.nanoTime() - askedAt < GRACE.toNanos()) {
      assertThat(blob.statusCode()).as("mounted just now").isEqualTo(200);
      assertThat(blob.body()).isEqualTo(layer.content());
      mounts.incrementAndGet();
    }
  }

  /**
   * What a pusher relies on: what a HEAD said to be here is not sent, and yet the manifest is
   * accepted. And blobs that were sent are here when their manifest comes at last.
   */
  private void askAndName(Random random) {
    TestImage image = image(random);
    long startedAt = System.nanoTime();
    image
        .blobs()
        .forEach((digest, content) -> {
          if (server.head("/v2/load/asked/blobs/" + digest).statusCode() != 200) {
            server.pushBlob("load/asked", digest, content);
          }
        });
    // Slow, but within the grace: collections pass over what no manifest names yet.
    while (System.nanoTime() - startedAt < GRACE.toNanos() / 2) {
      for (Digest digest : image.blobs().keySet()) {
        long askedAt = System.nanoTime();
        int status = server.head("/v2/load/asked/blobs/" + digest).statusCode();
        if (System.nanoTime() - startedAt < GRACE.toNanos()) {
          assertThat(status)
              .as("asked %d ms ago", (askedAt - startedAt) / 1_000_000)
              .isEqualTo(200);
        }
      }
    }
    if (push("load/asked", image, "t" + random.nextInt(3))) {
      var manifest = server.get("/v2/load/asked/manifests/" + image.manifest().digest());
      assertThat(manifest.statusCode()).isEqualTo(200);
    }
  }

  /** Two layers that others have too and one of its own. */
  private TestImage image(Random random) {
    return TestImage.ofTars(
        "amd64",
        List.of(
            shared.get(random.nextInt(SHARED_LAYERS)).tar(),
            TestImage.tar(Map.of("own", Long.toString(random.nextLong()).getBytes(UTF_8)))));
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }

  /** A layer that many images have, as it is in them. */
  @SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
  private record Layer(byte[] tar, Digest digest, byte[] content) {
    static Layer of(int number) {
      var bytes = new byte[20_000];
      new Random(number).nextBytes(bytes);
      byte[] tar = TestImage.tar(Map.of("shared", bytes));
      TestImage image = TestImage.ofTars("amd64", List.of(tar));
      Digest digest = image.layers().getFirst().digest();
      return new Layer(tar, digest, requireNonNull(image.blobs().get(digest)));
    }
  }
}
