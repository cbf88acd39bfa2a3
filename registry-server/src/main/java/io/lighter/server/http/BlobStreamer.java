package io.lighter.server.http;

import io.lighter.server.http.range.ByteRange;
import io.lighter.server.http.range.MultipartRanges;
import io.lighter.server.limit.Pace;
import io.lighter.storage.BlobSource;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The way out for bytes that the kernel cannot send by itself: blobs that are still arriving, and
 * several ranges in one body. Runs on a virtual thread, one per response, and hands pieces to the
 * event loop, {@link #IN_FLIGHT} at most at a time. Full pieces are taken from the {@link
 * BodyBudget}; when that is used up, by clients that do not read, a response goes on with one small
 * piece at a time.
 */
final class BlobStreamer {
  private static final int SMALL_PIECE = 16 * 1024;
  private static final int IN_FLIGHT = 4;

  private final Context context;
  private final HttpServerResponse response;
  private final BodyBudget budget;
  private final Pace pace;
  private final Semaphore window = new Semaphore(IN_FLIGHT);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  BlobStreamer(Context context, HttpServerResponse response, BodyBudget budget, Pace pace) {
    this.context = context;
    this.response = response;
    this.budget = budget;
    this.pace = pace;
  }

  /** Sends one slice and ends the response. Blocks until everything is written. */
  void send(Answer.Body.Slice slice) throws ClientGoneException {
    copy(slice.source(), slice.offset(), slice.length());
    end();
  }

  /** Sends every part and ends the response. Blocks until everything is written. */
  void send(Answer.Body.Multipart multipart) throws ClientGoneException {
    MultipartRanges ranges = multipart.ranges();
    for (int i = 0; i < ranges.ranges().size(); i++) {
      write(Buffer.buffer(ranges.head(i)));
      ByteRange range = ranges.ranges().get(i);
      copy(multipart.source(), range.first(), range.length());
    }
    write(Buffer.buffer(ranges.end()));
    end();
  }

  private void copy(BlobSource source, long offset, long length) {
    long position = offset;
    long end = offset + length;
    while (position < end) {
      acquire(1);
      int sent = budget.tryTake(1) ? full(source, position, end) : small(source, position, end);
      position += sent;
      Waiting.nanos(pace.sent(sent));
    }
  }

  private int full(BlobSource source, long position, long end) {
    try {
      Buffer piece = read(source, position, end, BodyBudget.PIECE);
      write(
          piece,
          () -> {
            budget.giveBack(1);
            window.release();
          });
      return piece.length();
    } catch (RuntimeException e) {
      budget.giveBack(1);
      throw e;
    }
  }

  /** Sends a small piece when nothing else of this response is in flight. */
  private int small(BlobSource source, long position, long end) {
    acquire(IN_FLIGHT - 1);
    Buffer piece = read(source, position, end, SMALL_PIECE);
    write(piece, () -> window.release(IN_FLIGHT));
    return piece.length();
  }

  private static Buffer read(BlobSource source, long position, long end, int most) {
    var bytes = new byte[(int) Math.min(most, end - position)];
    int read = source.read(ByteBuffer.wrap(bytes), position);
    Buffer piece = Buffer.buffer(bytes);
    return read == bytes.length ? piece : piece.slice(0, read);
  }

  private void write(Buffer piece) {
    acquire(1);
    write(piece, window::release);
  }

  private void write(Buffer piece, Runnable afterwards) {
    context.runOnContext(_ ->
        response
            .write(piece)
            .onComplete(written -> {
              if (written.failed()) {
                failure.compareAndSet(null, written.cause());
              }
              afterwards.run();
            }));
  }

  private void end() {
    acquire(IN_FLIGHT);
    // Every byte is out. A client that has read them all may be gone by now, which is its right.
    context.runOnContext(_ -> response.end());
  }

  private void acquire(int permits) {
    try {
      window.acquire(permits);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException(e);
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new ClientGoneException(failed);
    }
  }
}
