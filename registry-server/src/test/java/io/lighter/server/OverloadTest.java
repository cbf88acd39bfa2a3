package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.lighter.oci.Digest;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.LimitsConfig.Share;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten times the pushes that can be done, beside nodes that read. The property {@code
 * lighter.test.overloadSeconds} makes it longer than for a build.
 */
@Timeout(300)
class OverloadTest {
  private static final long SECONDS = Long.getLong("lighter.test.overloadSeconds", 4);
  private static final int PLACES = 4;
  private static final int PUSHERS = 10 * PLACES;
  private static final int READERS = 4;

  /** All pushes together; so four at once end eight times in a second. */
  private static final DataSize BANDWIDTH = new DataSize(2_000_000);

  private static final int BLOB = 250_000;
  private static final int RANGE = 4096;

  private final byte[] stored = random(1);
  private final Digest digest = Digest.ofSha256(stored);
  private final AtomicInteger next = new AtomicInteger(100);

  @TempDir private Path data;

  private record Load(List<Long> reads, Map<Integer, Long> pushes) {}

  @Test
  void tenTimesThePushes_readsKeepTheirTimeAndTheRestIsToldToComeBack() throws Exception {
    var any = new Share(0, new DataSize(0), 0);
    try (var server =
        TestServer.start(
            data,
            TestServer.generous(),
            URI.create("http://127.0.0.1:1"),
            AccessConfig.DEFAULT,
            new LimitsConfig(
                100,
                PLACES,
                Duration.ofMillis(500),
                any,
                new Share(0, BANDWIDTH, 0),
                new DataSize(0),
                Map.of()))) {
      server.pushBlob("nodes/app", digest, stored);
      load(server, PLACES); // Compiles what is measured next.
      Load sustainable = load(server, PLACES);
      long descriptors = descriptors();
      long heap = heap();

      Load overload = load(server, PUSHERS);

      assertThat(sustainable.pushes().keySet()).containsOnly(201);
      assertThat(overload.pushes().keySet()).isSubsetOf(201, 429, 503).contains(201);
      assertThat(overload.pushes().keySet()).containsAnyOf(429, 503);
      // What can be done is done: what ends in a second does not go down.
      assertThat(done(overload)).isGreaterThan(done(sustainable) / 3);
      assertThat(overload.reads().size()).isGreaterThan(sustainable.reads().size() / 10);
      assertThat(median(overload.reads()))
          .as("nanoseconds of a read, %d before", median(sustainable.reads()))
          .isLessThan(10 * median(sustainable.reads()) + Duration.ofMillis(20).toNanos());
      assertThat(descriptors()).isLessThan(descriptors + PUSHERS + 50);
      assertThat(heap()).isLessThan(heap + (64 << 20));
      push(server, 1);
    }
  }

  /** So many push, each the next blob as soon as the one before is done or refused. */
  private Load load(TestServer server, int pushers) throws InterruptedException {
    Queue<Long> reads = new ConcurrentLinkedQueue<>();
    Map<Integer, Long> pushes = new ConcurrentHashMap<>();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    var stop = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < READERS + pushers; i++) {
        boolean reader = i < READERS;
        threads.execute(() -> {
          try {
            // A client that is told to come back does, though sooner than it should.
            while (!stop.await(reader ? 5 : 20, TimeUnit.MILLISECONDS)) {
              if (reader) {
                reads.add(read(server));
              } else {
                pushes.merge(push(server, next.incrementAndGet()), 1L, Long::sum);
              }
            }
          } catch (InterruptedException | RuntimeException | AssertionError e) {
            failures.add(e);
          }
        });
      }
      assertThat(stop.await(SECONDS, TimeUnit.SECONDS)).isFalse();
      stop.countDown();
    }
    assertThat(failures).isEmpty();
    return new Load(List.copyOf(reads), Map.copyOf(pushes));
  }

  private long read(TestServer server) {
    long start = System.nanoTime();
    HttpResponse<byte[]> answer =
        server.get("/v2/nodes/app/blobs/" + digest, "Range", "bytes=0-" + (RANGE - 1));
    assertThat(answer.statusCode()).isEqualTo(206);
    return System.nanoTime() - start;
  }

  private static int push(TestServer server, int number) {
    byte[] content = random(number);
    HttpResponse<byte[]> answer =
        server.post("/v2/pushers/app/blobs/uploads/?digest=" + Digest.ofSha256(content), content);
    if (answer.statusCode() != 201) {
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    }
    return answer.statusCode();
  }

  private static long done(Load load) {
    return load.pushes().getOrDefault(201, 0L);
  }

  private static long median(List<Long> times) {
    var sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static long descriptors() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static byte[] random(int seed) {
    byte[] bytes = new byte[BLOB];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
