package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lighter.oci.Digest;
import io.lighter.server.config.ServerConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Thousands of clients that keep their connections, of which every tenth leaves in the middle of an
 * answer and comes back: nothing may be left of them. Netty follows every buffer for that time.
 */
class ManyClientsTest {
  private static final int CLIENTS = 2000;
  private static final int ROUNDS = 6;
  private static final int ABORTS_IN = 10;
  private static final int SIZE = 6_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path data;
  private static final byte[] CONTENT = new byte[SIZE];
  private static final Digest DIGEST;
  private static final ListAppender<ILoggingEvent> LEAKS = new ListAppender<>();
  private static final Logger DETECTOR =
      (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  private static ResourceLeakDetector.Level levelBefore;
  private static TestServer server;

  static {
    new Random(3).nextBytes(CONTENT);
    DIGEST = Digest.ofSha256(CONTENT);
  }

  @BeforeAll
  static void start() {
    server = TestServer.start(data, manyConnections(), 1000);
    levelBefore = ResourceLeakDetector.getLevel();
    // Not before: Vert.x switches it off when it is loaded.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    LEAKS.start();
    DETECTOR.addAppender(LEAKS);
    server.pushBlob("app", DIGEST, CONTENT);
    assertThat(server.get(path()).body()).isEqualTo(CONTENT);
  }

  @AfterAll
  static void stop() {
    server.close();
    DETECTOR.detachAppender(LEAKS);
    ResourceLeakDetector.setLevel(levelBefore);
  }

  private static ServerConfig.Http manyConnections() {
    var usual = TestServer.generous();
    return new ServerConfig.Http(
        usual.listen(),
        usual.eventLoops(),
        usual.maxRequests(),
        usual.drain(),
        2 * CLIENTS,
        usual.maxBlobSize(),
        usual.headerTimeout(),
        usual.bodyTimeout(),
        usual.idleTimeout(),
        usual.trustedProxies(),
        usual.tls());
  }

  @Test
  void clients_everyTenthLeavesInTheMiddle_leaveNothingBehind() throws Exception {
    leakOnPurpose();
    await().atMost(PATIENCE).until(() -> leaksAreSeen());
    LEAKS.list.clear();

    runClients(); // So that pools and caches have their size.
    await().atMost(PATIENCE).until(() -> connections() <= 2);
    long handles = handles();
    long direct = PlatformDependent.usedDirectMemory();
    int aborted = runClients();

    assertThat(aborted).isGreaterThan(CLIENTS * ROUNDS / ABORTS_IN / 2);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(connections()).isLessThanOrEqualTo(2);
          assertThat(handles()).isLessThanOrEqualTo(handles + 16);
        });
    assertThat(PlatformDependent.usedDirectMemory()).isLessThanOrEqualTo(direct + (8 << 20));
    for (int i = 0; i < 3; i++) {
      assertThat(leaksAreSeen()).as("%s", LEAKS.list).isFalse();
    }
  }

  /** Returns how many answers were left unread. */
  private static int runClients() throws Exception {
    var aborted = new AtomicInteger();
    var together = new Phaser(CLIENTS);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<?>>();
      for (int i = 0; i < CLIENTS; i++) {
        var random = new Random(i);
        clients.add(threads.submit(() -> client(random, together, aborted)));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    return aborted.get();
  }

  private static Void client(Random random, Phaser together, AtomicInteger aborted) {
    Wire wire = Wire.connect(server.port());
    try {
      together.arriveAndAwaitAdvance(); // All are connected.
      for (int round = 0; round < ROUNDS; round++) {
        if (random.nextInt(ABORTS_IN) == 0) {
          wire.send(request("0-" + (SIZE - 1))).readRaw(random.nextInt(5000));
          wire.reset();
          aborted.incrementAndGet();
          wire = Wire.connect(server.port());
        } else {
          read(wire, random);
        }
      }
    } finally {
      wire.close();
      together.arriveAndDeregister();
    }
    return null;
  }

  private static void read(Wire wire, Random random) {
    int length = 1 + random.nextInt(60_000);
    int first = random.nextInt(SIZE - length);
    boolean several = random.nextInt(4) == 0;
    Wire.Reply reply =
        wire.send(request(first + "-" + (first + length - 1) + (several ? ",0-99" : ""))).read();
    assertThat(reply.status()).isEqualTo(206);
    if (!several) {
      assertThat(reply.bytes()).isEqualTo(Arrays.copyOfRange(CONTENT, first, first + length));
    }
  }

  private static String request(String ranges) {
    return "GET " + path() + " HTTP/1.1\r\nHost: x\r\nRange: bytes=" + ranges + "\r\n\r\n";
  }

  private static String path() {
    return "/v2/app/blobs/" + DIGEST;
  }

  /** Shows that the check below can fail. */
  private static void leakOnPurpose() {
    ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(16);
    lost.writeByte(1);
  }

  /** Netty tells of what was lost when it makes the next buffers. */
  private static boolean leaksAreSeen() {
    System.gc();
    for (int i = 0; i < 100; i++) {
      PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
    }
    return LEAKS.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .anyMatch(text -> text.contains("LEAK"));
  }

  /** Those of clients, and of what asks for this. */
  private static double connections() {
    return server.metric("lighter_connections");
  }

  private static long handles() throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
