package io.lighter.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Runs tasks that begin at the same moment, each on a platform thread: tasks that spin while they
 * wait for another would keep it from running if they shared a few carriers with it.
 */
public final class Together {

  private Together() {}

  /**
   * Results in the order of the tasks' numbers.
   *
   * @param task makes the task of a number from 0 to {@code count - 1}
   * @throws ExecutionException if a task failed
   */
  public static <T> List<T> run(int count, IntFunction<Callable<T>> task) throws Exception {
    var start = new CyclicBarrier(count);
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      var running = new ArrayList<Future<T>>();
      for (int i = 0; i < count; i++) {
        Callable<T> body = task.apply(i);
        running.add(
            threads.submit(() -> {
              start.await();
              return body.call();
            }));
      }
      var results = new ArrayList<T>();
      for (var future : running) {
        results.add(future.get(60, TimeUnit.SECONDS));
      }
      return results;
    }
  }
}
