package io.lighter.server.http;

import io.lighter.server.limit.Pace;
import io.lighter.storage.BlobSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer whose bytes are in memory or in a file. What is small is gathered, head and
 * parts, into one buffer and one write; what is large the kernel sends out of the page cache. What
 * is in neither is read by another thread, so that the event loop never waits for a disk.
 *
 * <p>Once the first byte is out, the only honest error is a reset. Event loop only; used once.
 */
final class Transfer {
  /** From here on the kernel sends; measured, see docs/performance.md. */
  private static final long KERNEL_SENDS_FROM = 16 * 1024;

  /** What is longer than this is written from where it is, without a copy. */
  private static final int GATHERED_UP_TO = 8 * 1024;

  /** What the kernel is given at once, so that what is cold is noticed in time. */
  private static final long REGION = 1024 * 1024;

  /** The same if it goes no faster than it may. */
  private static final long PACED_REGION = 64 * 1024;

  /** Of a buffer that takes nothing of what all bodies share. */
  private static final int SMALL_PIECE = 16 * 1024;

  /** Most bytes that are handed over and not written yet, beyond the piece at hand. */
  private static final long WINDOW = 1024 * 1024;

  private final ChannelHandlerContext out;
  private final Answer answer;
  private final List<Section> sections;
  private final @Nullable BlobSource source;
  private final boolean kernelMaySend;
  private final Cork cork;
  private final Pinned pinned;
  private final BodyBudget budget;
  private final Pace pace;
  private final Executor blocking;
  private final Outcome outcome;

  // The next byte to be handed over, and how many are left.
  private int index;
  private long offset;
  private long left;

  private @Nullable ByteBuf gathered;
  private boolean gatheredIsBorrowed;
  private long headLength;
  private long handedOver;
  private long written;
  private long fromMemory;
  private boolean reading;
  private boolean held;
  private boolean ended;

  /** What is in memory of some content. */
  @FunctionalInterface
  interface Pinned {
    /** Bytes from a position on, at most {@code most}, to be released; null if there are none. */
    @Nullable ByteBuf find(long position, long most);
  }

  /** Is told how it ended. */
  @FunctionalInterface
  interface Outcome {
    /**
     * Called once, on the event loop.
     *
     * @param failure why not everything was written; null if it was
     * @param bytes of the body that were written
     */
    void ended(@Nullable Throwable failure, long bytes);
  }

  /**
   * An answer that is not begun.
   *
   * @param out where in the pipeline bytes are written
   * @param answer which this owns from here on
   * @param pinned what is in memory of the content
   * @param pace how fast the body may go
   * @param blocking runs reads of what is not in memory
   */
  Transfer(
      ChannelHandlerContext out,
      Answer answer,
      Pinned pinned,
      BodyBudget budget,
      Pace pace,
      Executor blocking,
      Outcome outcome) {
    this.out = out;
    this.answer = answer;
    this.sections = Section.of(answer.body());
    this.left = answer.isHead() ? 0 : answer.length();
    this.source = answer.source().orElse(null);
    this.kernelMaySend = out.pipeline().get(SslHandler.class) == null;
    this.cork = new Cork(out.channel(), sections);
    this.pinned = pinned;
    this.budget = budget;
    this.pace = pace;
    this.blocking = blocking;
    this.outcome = outcome;
  }

  /** Writes what can be written now; the rest goes on by itself. */
  void start() {
    try {
      ByteBuf head = newGatherer(AnswerHead.ROOM + gatherable());
      AnswerHead.write(answer, head);
      headLength = head.readableBytes();
      handOverMore();
    } catch (RuntimeException | OutOfMemoryError e) { // Memory outside the heap is bounded.
      fail(e);
    }
  }

  private void goOn() {
    try {
      handOverMore();
    } catch (RuntimeException | OutOfMemoryError e) { // Memory outside the heap is bounded.
      fail(e);
    }
  }

  private void handOverMore() {
    while (left > 0 && !reading && !held && !ended && handedOver - written < WINDOW) {
      long before = left;
      switch (sections.get(index)) {
        case Section.Text text -> gather(text);
        case Section.Range range -> send(range);
      }
      if (!pace.isFree()) {
        hold(before - left);
      }
    }
    handOver();
    out.flush();
  }

  /** Goes on after so many bytes when the next ones may go. */
  private void hold(long bytes) {
    long nanos = pace.sent(bytes);
    if (nanos > 0) {
      held = true;
      cork.release();
      var _ =
          out.executor()
              .schedule(
                  () -> {
                    held = false;
                    if (!ended) {
                      goOn();
                    }
                  },
                  nanos,
                  TimeUnit.NANOSECONDS);
    }
  }

  /** Bytes in front of the next range that the kernel may send, as far as they fit a buffer. */
  private long gatherable() {
    long sum = -offset;
    for (int i = index; i < sections.size() && sum < BodyBudget.PIECE; i++) {
      Section section = sections.get(i);
      if (section instanceof Section.Range && section.length() >= KERNEL_SENDS_FROM) {
        break;
      }
      sum += section.length();
    }
    return Math.max(0, sum);
  }

  private void gather(Section.Text text) {
    ByteBuf target = gatherer(0);
    int count = (int) Math.min(text.length() - offset, target.writableBytes());
    target.writeBytes(text.bytes(), (int) offset, count);
    advance(count);
  }

  private void send(Section.Range range) {
    long position = range.position() + offset;
    long rest = range.length() - offset;
    ByteBuf inMemory = pinned.find(position, rest);
    if (inMemory != null) {
      send(inMemory);
      return;
    }
    if (kernelMaySend && source instanceof BlobSource.LocalFile file) {
      long region = Math.min(rest, pace.isFree() ? REGION : PACED_REGION);
      if ((rest >= KERNEL_SENDS_FROM || !hasRoom(rest)) && file.isCached(position, region)) {
        cork.hold();
        handOver();
        handOver(new Region(file.channel(), position, region), region, false);
        advance(region);
        return;
      }
    }
    ByteBuf target = gatherer(rest);
    int count = (int) Math.min(rest, target.writableBytes());
    int read = read(target.nioBuffer(target.writerIndex(), count), position);
    target.writerIndex(target.writerIndex() + read);
    advance(read);
    if (read == 0) {
      handOver();
      readElsewhere(position, rest);
    }
  }

  private void send(ByteBuf inMemory) {
    int length = inMemory.readableBytes();
    if (length <= GATHERED_UP_TO) {
      try {
        ByteBuf target = gatherer(length);
        int count = Math.min(length, target.writableBytes());
        target.writeBytes(inMemory, count);
        fromMemory += count;
        advance(count);
      } finally {
        inMemory.release();
      }
    } else {
      handOver();
      handOver(inMemory, length, false);
      fromMemory += length;
      advance(length);
    }
  }

  private int read(ByteBuffer target, long position) {
    return switch (source) {
      case BlobSource.LocalFile file -> file.readCached(target, position);
      case BlobSource.Memory memory -> memory.read(target, position);
      case null, default -> throw new IllegalStateException("not to be sent from here: " + answer);
    };
  }

  /** Whether a buffer of this length can be had, or is at hand. */
  private boolean hasRoom(long length) {
    if (gathered != null && gathered.isWritable()) {
      return true;
    }
    return length <= SMALL_PIECE || budget.hasSome();
  }

  /**
   * The buffer that is being filled, or a new one for what comes next, if it can be had at least
   * this long; there is room for at least one byte in it.
   */
  private ByteBuf gatherer(long least) {
    if (gathered != null && !gathered.isWritable()) {
      handOver();
    }
    ByteBuf current = gathered;
    return current == null ? newGatherer(Math.max(least, gatherable())) : current;
  }

  private ByteBuf newGatherer(long wanted) {
    gatheredIsBorrowed = wanted > SMALL_PIECE && budget.tryTake(1);
    int most = gatheredIsBorrowed ? BodyBudget.PIECE : SMALL_PIECE;
    int size = (int) Math.min(wanted, most);
    ByteBuf buffer = out.alloc().directBuffer(size, size);
    gathered = buffer;
    return buffer;
  }

  private void advance(long count) {
    left -= count;
    offset += count;
    if (offset == sections.get(index).length()) {
      index++;
      offset = 0;
    }
  }

  private void handOver() {
    ByteBuf full = gathered;
    if (full != null) {
      gathered = null;
      handOver(full, full.readableBytes(), gatheredIsBorrowed);
    }
  }

  private void handOver(Object message, long length, boolean borrowed) {
    handedOver += length;
    out.write(message).addListener(done -> written(done, length, borrowed));
  }

  private void written(Future<?> done, long length, boolean borrowed) {
    if (borrowed) {
      budget.giveBack(1);
    }
    if (ended) {
      return;
    }
    if (!done.isSuccess()) {
      fail(Objects.requireNonNull(done.cause()));
      return;
    }
    written += length;
    if (left > 0 && !reading) {
      goOn();
    } else if (left == 0 && written == handedOver && gathered == null) {
      ended = true;
      cork.release();
      finish(null);
    }
  }

  private void readElsewhere(long position, long rest) {
    reading = true;
    cork.release();
    boolean borrowed = budget.tryTake(1);
    var bytes = new byte[(int) Math.min(rest, borrowed ? BodyBudget.PIECE : SMALL_PIECE)];
    try {
      blocking.execute(() -> {
        Runnable outcome;
        try {
          fill(bytes, position);
          outcome = () -> arrived(bytes, borrowed);
        } catch (RuntimeException | OutOfMemoryError e) {
          outcome = () -> lost(e, borrowed);
        }
        tell(outcome, borrowed);
      });
    } catch (RejectedExecutionException e) { // The server stops.
      lost(e, borrowed);
    }
  }

  private void tell(Runnable outcome, boolean borrowed) {
    try {
      out.executor().execute(outcome);
    } catch (RejectedExecutionException e) {
      // The server has stopped, and its event loop is gone: nothing runs beside this any more.
      lost(e, borrowed);
    }
  }

  private void fill(byte[] bytes, long position) {
    BlobSource blob = Objects.requireNonNull(source);
    for (int filled = 0; filled < bytes.length; ) {
      filled += blob.read(ByteBuffer.wrap(bytes, filled, bytes.length - filled), position + filled);
    }
  }

  private void arrived(byte[] bytes, boolean borrowed) {
    reading = false;
    if (ended) {
      giveBack(borrowed);
      release();
      return;
    }
    advance(bytes.length);
    if (!pace.isFree()) {
      hold(bytes.length);
    }
    handOver(Unpooled.wrappedBuffer(bytes), bytes.length, borrowed);
    goOn();
  }

  private void lost(Throwable cause, boolean borrowed) {
    reading = false;
    giveBack(borrowed);
    if (ended) {
      release();
    } else {
      fail(cause);
    }
  }

  private void giveBack(boolean borrowed) {
    if (borrowed) {
      budget.giveBack(1);
    }
  }

  /** Bytes that were pinned, of those that were handed over. */
  long fromMemory() {
    return fromMemory;
  }

  /** The connection is gone. */
  void clientGone() {
    fail(new ClientGoneException());
  }

  private void fail(Throwable cause) {
    if (ended) {
      return;
    }
    ended = true; // Closing fails what is not written yet, and that comes back here.
    ByteBuf unsent = gathered;
    if (unsent != null) {
      gathered = null;
      unsent.release();
      giveBack(gatheredIsBorrowed);
    }
    var _ = out.channel().close();
    finish(cause);
  }

  private void finish(@Nullable Throwable failure) {
    if (!reading) {
      release();
    }
    outcome.ended(failure, Math.max(0, written - headLength));
  }

  private void release() {
    if (source != null) {
      source.close();
    }
  }

  /** A piece of a file that stays open: others read it too. */
  private static final class Region extends DefaultFileRegion {
    Region(FileChannel channel, long position, long count) {
      super(channel, position, count);
    }

    @Override
    protected void deallocate() {
      // The source of the answer closes what has to be closed.
    }
  }
}
