package io.lighter.server.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The way in: a request body that arrives on an event loop and is read on a virtual thread.
 *
 * <p>Flow is by demand alone. The request is paused before anything is read; buffers come only as
 * they are fetched, {@link #WINDOW} at most are queued, and fetching happens on the event loop.
 * Nothing ever calls {@code resume} or {@code pause} from another thread: those lose wake-ups.
 */
final class RequestBody {
  private static final int WINDOW = 32;

  private final Context context;
  private final HttpServerRequest request;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  // Event loop only.
  private boolean ended;

  // Reader only.
  private int taken;
  private boolean started;
  private boolean exhausted;

  /** Takes over the body of a request. Event loop only, in the handler of the request itself. */
  RequestBody(Context context, HttpServerRequest request) {
    this.context = context;
    this.request = request;
    if (request.isEnded()) {
      ended = true;
      events.add(new Event.End());
      return;
    }
    request.pause();
    request.exceptionHandler(failure -> {
      ended = true;
      events.add(new Event.Failed(failure));
    });
    request.endHandler(_ -> {
      ended = true;
      events.add(new Event.End());
    });
    request.handler(buffer -> events.add(new Event.Data(buffer)));
  }

  /**
   * The next bytes; empty at the end of the body. Blocks; one reader at a time.
   *
   * @throws ClientGoneException if the client went away before it had sent everything
   */
  Optional<Buffer> next() {
    if (exhausted) {
      return Optional.empty();
    }
    if (!started) {
      started = true;
      demand(WINDOW);
    }
    switch (take()) {
      case Event.Data(Buffer bytes) -> {
        if (++taken == WINDOW / 2) {
          taken = 0;
          demand(WINDOW / 2);
        }
        return Optional.of(bytes);
      }
      case Event.End _ -> {
        exhausted = true;
        return Optional.empty();
      }
      case Event.Failed(Throwable cause) -> {
        exhausted = true;
        throw new ClientGoneException(cause);
      }
    }
  }

  /**
   * The whole body, if it is not longer than {@code limit} bytes; else empty, with the rest of the
   * body unread.
   */
  Optional<byte[]> readAll(int limit) {
    var bytes = new ByteArrayOutputStream();
    for (var next = next(); next.isPresent(); next = next()) {
      if (bytes.size() + next.get().length() > limit) {
        return Optional.empty();
      }
      try {
        bytes.write(next.get().getBytes());
      } catch (IOException e) {
        throw new IllegalStateException("writing to memory does not fail", e);
      }
    }
    return Optional.of(bytes.toByteArray());
  }

  /** Lets the client send the rest, which is thrown away, so that it can read the answer. */
  void discardRest() {
    context.runOnContext(_ -> {
      if (!ended) {
        request.handler(_ -> {});
        request.resume();
      }
    });
  }

  private void demand(int buffers) {
    context.runOnContext(_ -> {
      if (!ended) {
        request.fetch(buffers);
      }
    });
  }

  private Event take() {
    try {
      return events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException(e);
    }
  }

  private sealed interface Event {
    record Data(Buffer bytes) implements Event {}

    record End() implements Event {}

    record Failed(Throwable cause) implements Event {}
  }
}
