package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.server.limit.Pace;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ranges of a blob of five gibibytes, over a real socket: by copies, by the kernel, and several at
 * once. The blob is a sparse file that has its own position every four kibibytes around the borders
 * where numbers of 31 and 32 bits end.
 */
@EnabledOnOs(OS.LINUX)
class FarOffsetTest {
  private static final long SIZE = 5L << 30;
  private static final int STEP = 4096;

  /** Around each border so much is written. */
  private static final long MARKED = 1 << 20;

  @TempDir private Path directory;
  private StoreDirectory data;
  private RocksStores stores;
  private FileBlobStore blobs;
  private Digest digest;
  private MultiThreadIoEventLoopGroup loops;
  private Channel listener;
  private Answer answer = Answer.of(500);

  @BeforeEach
  void open() throws IOException, InterruptedException {
    data = new StoreDirectory(directory);
    stores =
        new RocksStores(data.layout().metadata(), 8 << 20, Clock.systemUTC(), Duration.ofHours(1));
    blobs = new FileBlobStore(data.layout(), stores.blobIndex(), 16);
    // Nobody hashes five gibibytes here: the store takes the index's word for what a file is.
    digest = Digest.ofSha256(new byte[] {1});
    stores.blobIndex().add(new BlobInfo(digest, SIZE));
    Path file = data.layout().blob(digest);
    Files.createDirectories(file.getParent());
    try (var access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(SIZE);
      for (long border : new long[] {1L << 31, 1L << 32, SIZE - MARKED}) {
        for (long at = border - MARKED; at < border + MARKED; at += STEP) {
          access.seek(at);
          access.writeLong(at);
        }
      }
    }
    loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .childHandler(new Sender())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  @AfterEach
  void close() throws InterruptedException {
    listener.close().sync();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    blobs.close();
    stores.close();
    data.close();
  }

  @ParameterizedTest
  @CsvSource({
    "2147479552, 4096",
    "2147483648, 8192",
    "2147418112, 524288",
    "4294963200, 8192",
    "4294901760, 1048576",
    "5367660544, 1048576"
  })
  void start_rangeFarBehind_hasItsOwnBytes(long offset, int length) throws IOException {
    answer = Answer.of(206).body(new Answer.Body.Slice(blobs.open(digest), offset, length));

    assertThat(received()).isEqualTo(expected(offset, length));
  }

  @ParameterizedTest
  @CsvSource({"4096", "65536"})
  void start_severalRangesFarBehind_haveTheirOwnBytes(int length) throws IOException {
    var ranges =
        List.of(
            new ByteRange(1L << 32, (1L << 32) + length - 1),
            new ByteRange((1L << 31) - STEP, (1L << 31) - STEP + length - 1));
    var parts = new MultipartRanges(ranges, SIZE, "a/b");
    answer = Answer.of(206).body(new Answer.Body.Multipart(blobs.open(digest), parts));

    byte[] body = received();
    int first = parts.head(0).length;
    int second = first + length + parts.head(1).length;
    assertThat(Arrays.copyOfRange(body, first, first + length))
        .isEqualTo(expected(1L << 32, length));
    assertThat(Arrays.copyOfRange(body, second, second + length))
        .isEqualTo(expected((1L << 31) - STEP, length));
  }

  private static byte[] expected(long offset, int length) {
    var bytes = ByteBuffer.allocate(length);
    for (int at = 0; at < length; at += STEP) {
      bytes.putLong(at, offset + at);
    }
    return bytes.array();
  }

  private byte[] received() throws IOException {
    try (var socket = new Socket()) {
      socket.connect((InetSocketAddress) listener.localAddress());
      byte[] all = socket.getInputStream().readAllBytes();
      int end = new String(all, ISO_8859_1).indexOf("\r\n\r\n") + 4;
      return Arrays.copyOfRange(all, end, all.length);
    }
  }

  /** Sends the answer to whoever connects, and closes. */
  @ChannelHandler.Sharable
  private final class Sender extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      new Transfer(
              context,
              answer,
              (_, _) -> null,
              new BodyBudget(1 << 20),
              Pace.FREE,
              task -> Thread.ofVirtual().start(task),
              (_, _) -> closed(context))
          .start();
    }

    private void closed(ChannelHandlerContext context) {
      var _ = context.close();
    }
  }
}
