package io.lighter.server.http;

import io.lighter.oci.OciErrorCode;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way in: a request body that arrives on an event loop and is read on a virtual thread.
 *
 * <p>Flow is by demand alone. The request is paused before anything is read; buffers come only as
 * they are fetched, a window of them at most is queued, and fetching happens on the event loop. The
 * window is wide as long as the {@link BodyBudget} has room, so that uploads onto a slow disk
 * cannot fill the heap. Nothing ever calls {@code resume} or {@code pause} from another thread:
 * those lose wake-ups.
 *
 * <p>A client that waits to be told to send its body ({@code Expect: 100-continue}) is told when
 * the first byte is wanted, and not when the request is refused without it.
 */
final class RequestBody {
  /** In buffers, of 64 KiB at most. */
  private static final int WIDE_WINDOW = 16;

  private static final int NARROW_WINDOW = 2;

  /** What a wide window takes from the budget, with a piece for its reader. */
  private static final int WIDE_PIECES = WIDE_WINDOW * 64 * 1024 / BodyBudget.PIECE + 1;

  private final Context context;
  private final HttpServerRequest request;
  private final Duration stallTimeout;
  private final BodyBudget budget;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  /** Whether the window is wide, which has to be given back. */
  private final AtomicBoolean wide = new AtomicBoolean();

  // Event loop only.
  private boolean ended;
  private boolean broken;
  private boolean discarding;
  private boolean awaitsContinue;
  private long received;

  // Reader only.
  private int window;
  private int taken;
  private boolean started;
  private boolean exhausted;

  /**
   * Takes over the body of a request. Event loop only, in the handler of the request itself.
   *
   * @param stallTimeout longest time between two pieces of the body
   * @param budget memory that all bodies share
   */
  RequestBody(
      Context context, HttpServerRequest request, Duration stallTimeout, BodyBudget budget) {
    this.context = context;
    this.request = request;
    this.stallTimeout = stallTimeout;
    this.budget = budget;
    this.awaitsContinue =
        request.version() == HttpVersion.HTTP_1_1
            && "100-continue".equalsIgnoreCase(request.headers().get("Expect"));
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
    request.handler(buffer -> {
      received += buffer.length();
      events.add(new Event.Data(buffer));
    });
    ConnectionGuard.of(request.connection()).whenBodyIsBroken(this::broken);
  }

  private void broken() {
    ended = true;
    broken = true;
    events.add(new Event.Broken());
    if (discarding) {
      request.connection().close();
    }
  }

  /**
   * The next bytes; empty at the end of the body. Blocks; one reader at a time.
   *
   * @throws ClientGoneException if the client went away before it had sent everything
   * @throws ProtocolException if nothing came for the stall timeout, or what came is no body
   */
  Optional<Buffer> next() {
    if (exhausted) {
      return Optional.empty();
    }
    if (!started) {
      started = true;
      wide.set(budget.tryTake(WIDE_PIECES));
      window = wide.get() ? WIDE_WINDOW : NARROW_WINDOW;
      demand(window);
    }
    switch (take()) {
      case Event.Data(Buffer bytes) -> {
        if (++taken == window / 2) {
          taken = 0;
          demand(window / 2);
        }
        return Optional.of(bytes);
      }
      case Event.End _ -> {
        exhausted = true;
        return Optional.empty();
      }
      case Event.Broken _ -> {
        exhausted = true;
        throw RequestCheck.brokenBody();
      }
      case Event.Failed(Throwable cause) -> {
        exhausted = true;
        throw new ClientGoneException(cause);
      }
    }
  }

  /**
   * Whether the reader may collect a {@link BodyBudget#PIECE} before it does something with it.
   * Known after the first {@link #next}.
   */
  boolean mayCollect() {
    return wide.get();
  }

  /**
   * The whole body, if it is not longer than {@code limit} bytes; else empty, with the rest of the
   * body unread.
   */
  Optional<byte[]> readAll(int limit) {
    String length = request.headers().get("Content-Length");
    if (length != null && Long.parseLong(length) > limit) {
      return Optional.empty();
    }
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

  /**
   * Whether the rest of the body is not worth reading just to keep the connection: it is long, or
   * broken, or the client was never told to send it and need not. Event loop only.
   */
  boolean isTooMuchToDiscard() {
    if (broken) {
      return true;
    }
    if (ended || !RequestCheck.announcesBody(request.headers())) {
      return false;
    }
    String length = request.headers().get("Content-Length");
    return awaitsContinue
        || (length != null && Long.parseLong(length) - received > ConnectionGuard.DRAIN_BYTES);
  }

  /**
   * Lets the client send the rest, which is thrown away, so that it can read the answer and go on
   * with the next request. Beyond the bounds of {@link ConnectionGuard} the connection is closed.
   * Event loop only.
   */
  void discardRest() {
    if (ended) {
      return;
    }
    discarding = true;
    if (RequestCheck.announcesBody(request.headers())) {
      long before = received;
      long timer =
          context
              .owner()
              .setTimer(ConnectionGuard.DRAIN_TIME.toMillis(), _ -> request.connection().close());
      request.endHandler(_ -> {
        ended = true;
        context.owner().cancelTimer(timer);
      });
      request.exceptionHandler(_ -> {
        ended = true;
        context.owner().cancelTimer(timer);
      });
      request.handler(buffer -> {
        received += buffer.length();
        if (received - before > ConnectionGuard.DRAIN_BYTES) {
          request.connection().close();
        }
      });
    }
    request.resume();
  }

  /** Lets go of the memory that the body may have taken. Called once nobody reads it any more. */
  void release() {
    if (wide.compareAndSet(true, false)) {
      budget.giveBack(WIDE_PIECES);
    }
  }

  private void demand(int buffers) {
    context.runOnContext(_ -> {
      if (ended) {
        return;
      }
      if (awaitsContinue) {
        awaitsContinue = false;
        request.response().writeContinue();
      }
      request.fetch(buffers);
    });
  }

  private Event take() {
    try {
      Event next = events.poll(stallTimeout.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw stalled();
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGoneException(e);
    }
  }

  private ProtocolException stalled() {
    return ProtocolException.of(
            OciErrorCode.SIZE_INVALID,
            408,
            "nothing of the body came for %d ms".formatted(stallTimeout.toMillis()))
        .header("Connection", "close");
  }

  private sealed interface Event {
    record Data(Buffer bytes) implements Event {}

    record End() implements Event {}

    record Broken() implements Event {}

    record Failed(Throwable cause) implements Event {}
  }
}
