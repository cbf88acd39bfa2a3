package io.lighter.server.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Runs the same thing many times at once. */
public final class Concurrently {
  private Concurrently() {}

  /** The result of {@code task}, which runs on a virtual thread of its own. */
  public static <T> CompletableFuture<T> start(Supplier<T> task) {
    return CompletableFuture.supplyAsync(task, Thread::startVirtualThread);
  }

  /** Results of {@code task} for 0 to {@code count - 1}, all begun together. */
  public static <T> List<T> run(int count, IntFunction<Callable<T>> task) throws Exception {
    var start = new CyclicBarrier(count);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = new ArrayList<Future<T>>();
      for (int i = 0; i < count; i++) {
        Callable<T> each = task.apply(i);
        futures.add(
            threads.submit(() -> {
              start.await();
              return each.call();
            }));
      }
      var results = new ArrayList<T>();
      for (Future<T> future : futures) {
        results.add(future.get(30, TimeUnit.SECONDS));
      }
      return results;
    }
  }
}
