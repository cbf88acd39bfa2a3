package io.lighter.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.server.limit.Limits;
import io.lighter.server.limit.Pace;
import io.lighter.server.limit.Requester;
import io.lighter.storage.BlobSource;
import io.lighter.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferTest {
  private static final int SIZE = 3_000_000;
  private static final Transfer.Pinned NOTHING = (_, _) -> null;

  private final byte[] content = new byte[SIZE];
  private final CorkedChannel channel = new CorkedChannel();
  private ChannelHandlerContext out = channel.pipeline().firstContext();
  private final Queue<Runnable> elsewhere = new ArrayDeque<>();
  private final BodyBudget budget = new BodyBudget(8L * BodyBudget.PIECE);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  @TempDir private Path directory;
  private OpenFile file;
  private @Nullable Throwable failure;
  private long bytes = -1;

  @BeforeEach
  void open() throws IOException {
    new Random(1).nextBytes(content);
    file = new OpenFile(FileChannel.open(Files.write(directory.resolve("f"), content)));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    assertThat(file.closed).as("closed once").isEqualTo(1);
    assertThat(budget.tryTake(8)).as("all of the budget is back").isTrue();
    file.channel.close();
    channel.finishAndReleaseAll();
  }

  @Test
  void start_smallRange_isOneWriteOfHeadAndBody() throws IOException {
    start(slice(1000, 4096), NOTHING);

    assertThat(channel.outboundMessages()).hasSize(1);
    assertThat(body()).isEqualTo(Arrays.copyOfRange(content, 1000, 5096));
    assertThat(bytes).isEqualTo(4096);
    assertThat(failure).isNull();
  }

  @Test
  void start_largeRange_isSentByTheKernel() throws IOException {
    start(slice(10, SIZE - 20), NOTHING);

    assertThat(channel.outboundMessages()).hasAtLeastOneElementOfType(FileRegion.class);
    assertThat(body()).isEqualTo(Arrays.copyOfRange(content, 10, SIZE - 10));
    assertThat(bytes).isEqualTo(SIZE - 20);
  }

  @Test
  void start_severalRanges_areOneWrite() throws IOException {
    var ranges = List.of(new ByteRange(5, 8), new ByteRange(100, 199), new ByteRange(0, 0));
    var parts = new MultipartRanges(ranges, SIZE, "a/b");
    start(Answer.of(206).body(new Answer.Body.Multipart(file, parts)), NOTHING);

    assertThat(channel.outboundMessages()).hasSize(1);
    var expected = new ByteArrayOutputStream();
    for (int i = 0; i < ranges.size(); i++) {
      expected.write(parts.head(i));
      ByteRange range = ranges.get(i);
      expected.write(content, (int) range.first(), (int) range.length());
    }
    expected.write(parts.end());
    assertThat(body()).isEqualTo(expected.toByteArray());
    assertThat(bytes).isEqualTo(parts.length());
  }

  @Test
  void start_notInMemory_isReadElsewhere() throws IOException {
    file.cached = false;
    start(slice(7, 700_000), NOTHING);

    assertThat(bytes).as("not ended").isEqualTo(-1);
    while (!elsewhere.isEmpty()) {
      elsewhere.remove().run();
      channel.runPendingTasks();
    }
    assertThat(body()).isEqualTo(Arrays.copyOfRange(content, 7, 700_007));
    assertThat(failure).isNull();
    assertThat(file.read).isEqualTo(700_000);
  }

  @Test
  void start_cannotBeRead_breaksOff() {
    file.cached = false;
    file.broken = true;
    start(slice(0, 100), NOTHING);
    elsewhere.remove().run();
    channel.runPendingTasks();

    assertThat(failure).isInstanceOf(StorageException.Unavailable.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void start_cachedPartCannotBeRead_breaksOff() {
    file.broken = true;
    start(slice(0, 100), NOTHING);

    assertThat(failure).isInstanceOf(StorageException.Unavailable.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void start_laterPartCannotBeReadWhileWritesAreOutstanding_endsOnce() {
    channel.pipeline().addFirst(new Stuck());
    file.cached = false;
    file.broken = true;
    start(slice(0, 20_000), (position, most) -> position == 0 ? pinned(10_000) : null);
    elsewhere.remove().run();
    channel.runPendingTasks();

    assertThat(failure).isInstanceOf(StorageException.Unavailable.class);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void clientGone_whileReading_letsGoOfEverythingOnce() {
    file.cached = false;
    Transfer transfer = start(slice(0, 600_000), NOTHING);
    transfer.clientGone();

    assertThat(failure).isInstanceOf(ClientGoneException.class);
    assertThat(file.closed).as("still being read").isZero();
    elsewhere.remove().run();
    channel.runPendingTasks();
    assertThat(elsewhere).isEmpty();
  }

  @Test
  void start_pinned_isNotReadAtAll() throws IOException {
    file.cached = false;
    ByteBuf pin = Unpooled.directBuffer(20_000).writeBytes(content, 100, 20_000);
    start(
        slice(200, 15_000),
        (position, most) -> pin.retainedSlice((int) position - 100, (int) most));

    assertThat(body()).isEqualTo(Arrays.copyOfRange(content, 200, 15_200));
    assertThat(pin.refCnt()).isEqualTo(1);
    pin.release();
  }

  @Test
  void start_pinnedInPart_goesOnWithTheFile() throws IOException {
    ByteBuf pin = Unpooled.directBuffer(50_000).writeBytes(content, 0, 50_000);
    start(
        slice(40_000, 30_000),
        (position, most) ->
            position < 50_000
                ? pin.retainedSlice((int) position, (int) Math.min(most, 50_000 - position))
                : null);

    assertThat(body()).isEqualTo(Arrays.copyOfRange(content, 40_000, 70_000));
    assertThat(pin.refCnt()).isEqualTo(1);
    pin.release();
  }

  @Test
  void start_budgetIsUsedUp_goesOnBySmallPieces() throws IOException {
    assertThat(budget.tryTake(8)).isTrue();
    file.cached = false;
    start(slice(0, 100_000), NOTHING);
    while (!elsewhere.isEmpty()) {
      elsewhere.remove().run();
      channel.runPendingTasks();
    }
    budget.giveBack(8);

    assertThat(body()).isEqualTo(Arrays.copyOf(content, 100_000));
    assertThat(file.longestRead).isLessThanOrEqualTo(16 * 1024);
  }

  @Test
  void start_head_isHeadersAlone() throws IOException {
    start(Answer.of(200).with("X", "y").body(new Answer.Body.Head(77)), NOTHING);
    file.close();

    assertThat(body()).isEmpty();
    assertThat(sent.toString(ISO_8859_1))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nDocker-Distribution-Api-Version: registry/2.0\r\nX: y\r\nContent-Length: 77\r\n\r\n");
  }

  @Test
  void start_waitsForItsPace_holdsNothingBackMeanwhile() throws IOException {
    Pace pace = paced();
    pace.sent(10 << 20);
    start(slice(0, 100_000), NOTHING, pace);

    assertThat(bytes).as("not ended").isEqualTo(-1);
    assertThat(channel.corks).containsExactly(true, false);
    while (bytes < 0) {
      channel.advanceTimeBy(1, TimeUnit.HOURS);
      channel.runScheduledPendingTasks();
    }
    assertThat(channel.corks).containsExactly(true, false, true, false);
    assertThat(body()).isEqualTo(Arrays.copyOf(content, 100_000));
  }

  @Test
  void start_restIsReadElsewhere_holdsNothingBackMeanwhile() throws IOException {
    file.cachedUpTo = 70_000;
    start(slice(0, 100_000), NOTHING, paced());

    assertThat(bytes).as("not ended").isEqualTo(-1);
    assertThat(channel.corks).containsExactly(true, false);
    elsewhere.remove().run();
    channel.runPendingTasks();
    assertThat(body()).isEqualTo(Arrays.copyOf(content, 100_000));
  }

  @Test
  void clientGone_eventLoopIsGoneBeforeTheDiskAnswers_blobIsLetGo() {
    file.cached = false;
    var stopped = new AtomicBoolean();
    out = stoppable(out, stopped);
    start(slice(0, 100_000), NOTHING).clientGone();
    assertThat(file.closed).as("while it is being read").isZero();

    stopped.set(true);
    elsewhere.remove().run();
    assertThat(failure).isInstanceOf(ClientGoneException.class);
  }

  /** The same context, whose event loop takes nothing any more once it has stopped. */
  private static ChannelHandlerContext stoppable(ChannelHandlerContext out, AtomicBoolean stopped) {
    var gone = new DefaultEventExecutor();
    gone.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    return (ChannelHandlerContext)
        Proxy.newProxyInstance(
            TransferTest.class.getClassLoader(),
            new Class<?>[] {ChannelHandlerContext.class},
            (_, method, arguments) ->
                stopped.get() && method.getName().equals("executor")
                    ? gone
                    : method.invoke(out, arguments));
  }

  /** Sends by small pieces, and holds back none of the first megabyte. */
  private static Pace paced() {
    var limits = new Limits(new Limits.Rate(0, 10 << 20), Limits.Rate.ANY, () -> 0);
    return limits.pace(new Requester("ann", "team"));
  }

  private ByteBuf pinned(int length) {
    return Unpooled.directBuffer(length).writeBytes(content, 0, length);
  }

  private Answer slice(long offset, long length) {
    return Answer.of(206).body(new Answer.Body.Slice(file, offset, length));
  }

  private Transfer start(Answer answer, Transfer.Pinned pinned) {
    return start(answer, pinned, Pace.FREE);
  }

  private Transfer start(Answer answer, Transfer.Pinned pinned, Pace pace) {
    var transfer =
        new Transfer(
            out,
            answer,
            pinned,
            budget,
            pace,
            elsewhere::add,
            (cause, count) -> {
              assertThat(bytes).as("ended once").isEqualTo(-1);
              failure = cause;
              bytes = count;
            });
    transfer.start();
    return transfer;
  }

  /** What was sent behind the head. */
  private byte[] body() throws IOException {
    while (true) {
      Object message = channel.readOutbound();
      if (message == null) {
        break;
      }
      switch (message) {
        case ByteBuf buffer -> buffer.readBytes(sent, buffer.readableBytes());
        case FileRegion region -> {
          while (region.transferred() < region.count()) {
            region.transferTo(Channels.newChannel(sent), region.transferred());
          }
        }
        default -> throw new AssertionError(message);
      }
      ReferenceCountUtil.release(message);
    }
    byte[] all = sent.toByteArray();
    int end = new String(all, ISO_8859_1).indexOf("\r\n\r\n") + 4;
    return Arrays.copyOfRange(all, end, all.length);
  }

  /** Notes when it is corked and when it is not. */
  private static final class CorkedChannel extends EmbeddedChannel {
    private final List<Boolean> corks = new ArrayList<>();
    private final @Nullable ChannelConfig config =
        new DefaultChannelConfig(this) {
          @Override
          public <T> boolean setOption(ChannelOption<T> option, T value) {
            return option.equals(EpollChannelOption.TCP_CORK)
                ? corks.add((Boolean) value)
                : super.setOption(option, value);
          }
        };

    CorkedChannel() {
      super(new ChannelInboundHandlerAdapter());
    }

    @Override
    public ChannelConfig config() {
      return config == null ? super.config() : config; // It is asked for while it is made.
    }
  }

  /** A socket that takes nothing until it is closed. */
  private static final class Stuck extends ChannelOutboundHandlerAdapter {
    private final Map<ChannelPromise, Object> outstanding = new LinkedHashMap<>();

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      outstanding.put(promise, message);
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      outstanding.values().forEach(ReferenceCountUtil::release);
      outstanding.keySet().forEach(write -> write.setFailure(new ClosedChannelException()));
      var _ = context.close(promise);
    }
  }

  /** A file that is cached or not, as a test wants it. */
  private static final class OpenFile implements BlobSource.LocalFile {
    private final FileChannel channel;
    private boolean cached = true;
    private long cachedUpTo = SIZE;
    private boolean broken;
    private int closed;
    private long read;
    private int longestRead;

    OpenFile(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public FileChannel channel() {
      return channel;
    }

    @Override
    public long size() {
      return SIZE;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      longestRead = Math.max(longestRead, target.remaining());
      if (broken) {
        throw new StorageException.Unavailable("broken", null);
      }
      try {
        int count = channel.read(target, position);
        read += count;
        return count;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public int readCached(ByteBuffer target, long position) {
      if (broken && cached) {
        throw new StorageException.Unavailable("broken", null);
      }
      try {
        return isCached(position, target.remaining()) ? channel.read(target, position) : 0;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public boolean isCached(long position, long length) {
      return cached && position + length <= cachedUpTo;
    }

    @Override
    public void close() {
      closed++;
    }
  }
}
