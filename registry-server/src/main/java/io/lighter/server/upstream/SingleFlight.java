package io.lighter.server.upstream;

import io.lighter.server.trace.CurrentSpan;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Lets concurrent callers that want the same thing share one computation. It runs on a virtual
 * thread of its own, so that a caller who gives up does not take the others' answer away.
 *
 * <p>Thread-safe. Nothing is remembered once a computation is done.
 */
public final class SingleFlight<K, V> {
  private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

  /** The result of the computation under way for this key, or of {@code work}, begun now. */
  public V get(K key, Supplier<V> work) {
    CompletableFuture<V> flight = join(key, work);
    try {
      return flight.get();
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Like {@link #get(Object, Supplier)}; empty if there is no result after {@code patience}. */
  public Optional<V> get(K key, Supplier<V> work, Duration patience) {
    CompletableFuture<V> flight = join(key, work);
    try {
      return Optional.of(flight.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Begins the computation without waiting for it; false if one is under way. */
  public boolean begin(K key, Supplier<V> work) {
    var flight = new CompletableFuture<V>();
    if (flights.putIfAbsent(key, flight) != null) {
      return false;
    }
    takeOff(key, flight, work);
    return true;
  }

  private CompletableFuture<V> join(K key, Supplier<V> work) {
    var mine = new CompletableFuture<V>();
    CompletableFuture<V> running = flights.putIfAbsent(key, mine);
    if (running != null) {
      return running;
    }
    takeOff(key, mine, work);
    return mine;
  }

  private void takeOff(K key, CompletableFuture<V> flight, Supplier<V> work) {
    Thread.ofVirtual()
        .name("single-flight")
        .start(CurrentSpan.carrying(() -> fly(key, flight, work)));
  }

  // Whatever ends the computation must reach those who wait, an Error too.
  private void fly(K key, CompletableFuture<V> flight, Supplier<V> work) {
    V result;
    try {
      result = work.get();
    } catch (RuntimeException | Error e) {
      flights.remove(key, flight);
      flight.completeExceptionally(e);
      return;
    }
    // Removed first: who comes now must not be given an answer from before he came.
    flights.remove(key, flight);
    flight.complete(result);
  }

  private static RuntimeException failure(ExecutionException e) {
    return switch (e.getCause()) {
      case RuntimeException cause -> cause;
      case Error cause -> throw cause;
      case null, default -> new IllegalStateException(e);
    };
  }

  private static UpstreamException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new UpstreamException.Unreachable("interrupted while waiting for upstream", e);
  }
}
