package io.lighter.server.upstream;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, pulled by one reader. The JDK's own input stream waits for a stalled
 * server for ever; here the reader says how long he waits, which needs no watching thread.
 *
 * <p>Holds at most {@value #AHEAD} of the client's buffers (16 KiB each), however slow the reader.
 * {@link #next} is for one thread at a time; {@link #close} may come from any.
 */
final class BodyStream
    implements java.net.http.HttpResponse.BodySubscriber<BodyStream>, AutoCloseable {

  /** Enough to keep the connection busy while the reader writes to disk. */
  private static final int AHEAD = 8;

  private sealed interface Event {
    record Bytes(List<ByteBuffer> buffers) implements Event {}

    record Failure(Throwable cause) implements Event {}

    record End() implements Event {}
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final WarmClients.Loan client;
  private final ReentrantLock lock = new ReentrantLock();
  private Flow.@Nullable Subscription subscription; // guarded by lock
  private boolean closed; // guarded by lock
  private boolean ended; // only the reader's

  /**
   * @param client that the answer comes through; given back when the body has ended
   */
  BodyStream(WarmClients.Loan client) {
    this.client = client;
  }

  /**
   * The next bytes, at least one; an empty list at the end of the body.
   *
   * @param patience how long to wait for a byte
   * @throws IOException if the connection broke, or nothing came in time
   */
  List<ByteBuffer> next(Duration patience) throws IOException {
    if (ended) {
      return List.of();
    }
    return switch (take(patience)) {
      case Event.Bytes(List<ByteBuffer> buffers) -> {
        demand(1);
        buffers.forEach(buffer -> client.received(buffer.remaining()));
        yield buffers;
      }
      case Event.Failure(Throwable cause) -> {
        ended = true;
        client.giveBackWithoutConnection();
        throw new IOException("connection broke off: " + cause.getMessage(), cause);
      }
      case Event.End _ -> {
        ended = true;
        client.giveBack();
        yield List.of();
      }
    };
  }

  /**
   * All that remains, which must not be more than {@code limit} bytes.
   *
   * @param patience how long the whole of it may take
   * @throws EOFException if there is more
   */
  byte[] readAll(int limit, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    var bytes = new java.io.ByteArrayOutputStream();
    while (true) {
      List<ByteBuffer> buffers = next(Duration.ofNanos(deadline - System.nanoTime()));
      if (buffers.isEmpty()) {
        return bytes.toByteArray();
      }
      for (ByteBuffer buffer : buffers) {
        if (bytes.size() + buffer.remaining() > limit) {
          close();
          throw new EOFException("body is larger than %d bytes".formatted(limit));
        }
        var chunk = new byte[buffer.remaining()];
        buffer.get(chunk);
        bytes.writeBytes(chunk);
      }
    }
  }

  /**
   * Ends a body that nobody wants. A small one is read to its end, because that saves the
   * connection and with it the next TLS handshake.
   */
  void discard() {
    try {
      readAll(16 * 1024, Duration.ofSeconds(1));
    } catch (IOException e) {
      close();
    }
  }

  /** Gives the connection up unless the body was read to its end. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (subscription != null) {
        subscription.cancel();
      }
    } finally {
      lock.unlock();
    }
    client.giveBackWithoutConnection();
  }

  private Event take(Duration patience) throws IOException {
    try {
      Event event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (event == null) {
        ended = true;
        close();
        throw new IOException("no byte came for %d ms".formatted(patience.toMillis()));
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
      close();
      throw new InterruptedIOException("stopped while reading");
    }
  }

  private void demand(long buffers) {
    lock.lock();
    try {
      if (subscription != null && !closed) {
        subscription.request(buffers);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Complete from the start: an answer is delivered when its head is here. */
  @Override
  public CompletionStage<BodyStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    lock.lock();
    try {
      subscription = given;
      if (closed) {
        given.cancel();
      } else {
        given.request(AHEAD);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    events.add(new Event.Bytes(buffers));
  }

  @Override
  public void onError(Throwable cause) {
    events.add(new Event.Failure(cause));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End());
  }
}
