package io.lighter.server.http;

import io.lighter.storage.BlobSource;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The way out for bytes that the kernel cannot send by itself: blobs that are still arriving, and
 * several ranges in one body. Runs on a virtual thread, one per response, and hands pieces of
 * {@link #PIECE} bytes to the event loop, {@link #IN_FLIGHT} at most at a time, so that a slow
 * client holds one mebibyte and nothing else.
 */
final class BlobStreamer {
  private static final int PIECE = 256 * 1024;
  private static final int IN_FLIGHT = 4;

  private final Context context;
  private final HttpServerResponse response;
  private final Semaphore window = new Semaphore(IN_FLIGHT);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  BlobStreamer(Context context, HttpServerResponse response) {
    this.context = context;
    this.response = response;
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
      var bytes = new byte[(int) Math.min(PIECE, end - position)];
      int read = source.read(ByteBuffer.wrap(bytes), position);
      position += read;
      Buffer piece = Buffer.buffer(bytes);
      write(read == bytes.length ? piece : piece.slice(0, read));
    }
  }

  private void write(Buffer piece) {
    acquire(1);
    context.runOnContext(_ ->
        response
            .write(piece)
            .onComplete(written -> {
              if (written.failed()) {
                failure.compareAndSet(null, written.cause());
              }
              window.release();
            }));
  }

  private void end() {
    acquire(IN_FLIGHT);
    Promise<Void> ended = Promise.promise();
    context.runOnContext(_ -> response.end().onComplete(ended));
    try {
      ended.future().toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException(e);
    } catch (ExecutionException e) {
      throw new ClientGoneException(e);
    }
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
