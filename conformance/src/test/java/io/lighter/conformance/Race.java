package io.lighter.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Clients that start at the same moment. */
final class Race {
  private Race() {}

  /** Runs all at once; the results in the order of the clients, once all are done. */
  static <T> List<T> run(List<Callable<T>> clients) {
    var start = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<Future<T>>();
      for (Callable<T> client : clients) {
        results.add(
            threads.submit(() -> {
              start.await();
              return client.call();
            }));
      }
      start.countDown();
      var all = new ArrayList<T>();
      for (Future<T> result : results) {
        all.add(result.get());
      }
      return all;
    } catch (ExecutionException e) {
      throw new AssertionError("a client failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Runs both at once. */
  static <T> List<T> run(Callable<T> first, Callable<T> second) {
    return run(List.of(first, second));
  }

  /** Runs {@code count} clients at once, numbered from 0. */
  static <T> List<T> run(int count, IntFunction<T> client) {
    return run(
        IntStream.range(0, count).<Callable<T>>mapToObj(i -> () -> client.apply(i)).toList());
  }
}
