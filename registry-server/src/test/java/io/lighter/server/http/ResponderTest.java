package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.server.limit.Pace;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import io.lighter.storage.StorageException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies on a real connection: whole, or broken off so that nobody takes them for whole. */
class ResponderTest {
  private static final int MIB = 1 << 20;

  private final Vertx vertx =
      Vertx.builder().with(new VertxOptions()).withTransport(transport()).build();
  private final ExecutorService streams = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Answer answer = Answer.of(200);
  private final Responder responder = new Responder(streams, new BodyBudget(16 * MIB));
  private volatile Handler<HttpServerRequest> handler = this::respond;
  private HttpServer server;

  private static Transport transport() {
    return Transport.EPOLL.available() ? Transport.EPOLL : Transport.NIO;
  }

  @BeforeEach
  void start() {
    server =
        vertx
            .createHttpServer()
            .requestHandler(request -> handler.handle(request))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  private void respond(HttpServerRequest request) {
    var _ = responder.write(vertx.getOrCreateContext(), request, answer, Pace.FREE);
  }

  @AfterEach
  void stop() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    streams.close();
  }

  @Test
  void slice_ofAGrowingBlob_isSentAndTheSourceClosed() throws IOException {
    var source = new Arriving(3 * MIB, 3 * MIB);
    answer = Answer.of(200).body(new Answer.Body.Slice(source, 5, 3 * MIB - 5));
    try (var client = connect()) {
      String head = head(client);
      assertThat(head).contains("Content-Length: " + (3 * MIB - 5));
      byte[] body = client.getInputStream().readNBytes(3 * MIB - 5);
      assertThat(body).hasSize(3 * MIB - 5);
      for (int at : new int[] {0, 1, 262_144, MIB, body.length - 1}) {
        assertThat(body[at]).isEqualTo(Arriving.at(at + 5));
      }
    }
    await().untilTrue(source.closed);
  }

  /** One byte or a megabyte: as soon as the head is out, the only honest error is the end. */
  @Test
  void source_thatBreaks_endsTheConnectionShort() throws IOException {
    for (int breaksAt : new int[] {0, 1, 262_144, 2 * MIB}) {
      var source = new Arriving(3 * MIB, breaksAt);
      answer = Answer.of(200).body(new Answer.Body.Slice(source, 0, 3 * MIB));
      try (var client = connect()) {
        assertThat(bytesAfterHead(client))
            .as("broken at %d", breaksAt)
            .isLessThanOrEqualTo(breaksAt);
      }
      await().untilTrue(source.closed);
    }
  }

  @Test
  void part_thatBreaks_endsTheConnectionShort() throws IOException {
    var source = new Arriving(3 * MIB, MIB);
    var ranges = List.of(new ByteRange(0, 9), new ByteRange(2 * MIB, 2 * MIB + 9));
    answer =
        Answer.of(206)
            .body(
                new Answer.Body.Multipart(
                    source, new MultipartRanges(ranges, 3 * MIB, "application/octet-stream")));
    try (var client = connect()) {
      int length = Integer.parseInt(header(head(client), "Content-Length"));
      byte[] body = client.getInputStream().readAllBytes();

      assertThat(body.length).isLessThan(length);
      assertThat(new String(body, StandardCharsets.ISO_8859_1))
          .doesNotEndWith(MultipartRanges.BOUNDARY + "--\r\n");
    }
    await().untilTrue(source.closed);
  }

  /** Damage on disk; the next answer must not be taken for the rest of this one. */
  @Test
  void file_thatIsShorterThanItShould_endsTheConnectionShort(@TempDir Path directory)
      throws IOException {
    Path file = Files.write(directory.resolve("blob"), new byte[1000]);
    var source = new OpenFile(FileChannel.open(file), 5000);
    answer = Answer.of(200).body(new Answer.Body.Slice(source, 0, 5000));
    try (var client = connect()) {
      assertThat(header(head(client), "Content-Length")).isEqualTo("5000");

      assertThat(client.getInputStream().readAllBytes()).hasSize(1000);
    }
    assertThat(source.closed).isTrue();
  }

  /** A mebibyte is in flight for each client at most, beyond what the sockets hold. */
  @Test
  void client_thatDoesNotRead_holdsLittleAndReleasesItWhenItLeaves() throws IOException {
    var source = new Arriving(512 * MIB, 512 * MIB);
    answer = Answer.of(200).body(new Answer.Body.Slice(source, 0, 512L * MIB));
    try (var client = connect()) {
      head(client);
      var before = new AtomicInteger(-1);
      await()
          .pollInterval(java.time.Duration.ofMillis(300))
          .until(() -> before.getAndSet(source.reads.get()) == source.reads.get());
      assertThat(source.reads.get()).isLessThan(128);
      assertThat(source.closed).isFalse();
    }
    await().untilTrue(source.closed);
  }

  @Test
  void client_thatLeavesBeforeTheAnswer_leavesNoOpenSource() throws Exception {
    var source = new Arriving(MIB, MIB);
    var answered = new CountDownLatch(1);
    answer = Answer.of(200).body(new Answer.Body.Slice(source, 0, MIB));
    handler =
        request ->
            request
                .connection()
                .closeHandler(_ -> {
                  respond(request);
                  answered.countDown();
                });
    connect().close();
    answered.await();

    await().untilTrue(source.closed);
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
    socket.setSoTimeout(10_000);
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Everything up to the end of the connection; the head itself may be missing. */
  private static long bytesAfterHead(Socket client) throws IOException {
    String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    int head = all.indexOf("\r\n\r\n");
    return head < 0 ? 0 : all.length() - head - 4;
  }

  private static String head(Socket client) throws IOException {
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int c = client.getInputStream().read();
      if (c < 0) {
        throw new IOException("ended within the head");
      }
      head.append((char) c);
    }
    return head.toString();
  }

  private static String header(String head, String name) {
    return head.lines()
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> line.substring(name.length() + 2))
        .findFirst()
        .orElseThrow();
  }

  /** A blob that arrives up to a byte and then fails. */
  private static final class Arriving implements BlobSource.Growing {
    private final long size;
    private final long breaksAt;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger reads = new AtomicInteger();

    Arriving(long size, long breaksAt) {
      this.size = size;
      this.breaksAt = breaksAt;
    }

    static byte at(long position) {
      return (byte) ((position * 31) >> 3);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void prepare(List<Extent> wanted, Duration patience) {
      throw new AssertionError("a responder is given what is prepared");
    }

    @Override
    public int read(ByteBuffer target, long position) {
      reads.incrementAndGet();
      if (position >= breaksAt) {
        throw new StorageException.Unavailable("upstream broke off", null);
      }
      int count = (int) Math.min(target.remaining(), breaksAt - position);
      for (int i = 0; i < count; i++) {
        target.put(at(position + i));
      }
      return count;
    }

    @Override
    public void close() {
      assertThat(closed.getAndSet(true)).as("closed twice").isFalse();
    }
  }

  /** A file that claims a length. */
  private static final class OpenFile implements BlobSource.LocalFile {
    private final FileChannel channel;
    private final long size;
    private final AtomicBoolean closed = new AtomicBoolean();

    OpenFile(FileChannel channel, long size) {
      this.channel = channel;
      this.size = size;
    }

    @Override
    public FileChannel channel() {
      return channel;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int readCached(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCached(long position, long length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      assertThat(closed.getAndSet(true)).as("closed twice").isFalse();
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
