package io.lighter.server.convert;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/**
 * Runs compression on cores that nobody needs at the moment, and in the caller's thread when there
 * are none: one image then costs one core. Thread-safe.
 */
public final class SpareCores implements Executor, AutoCloseable {
  private final IntSupplier spare;
  private final ExecutorService helpers;
  private final AtomicInteger running = new AtomicInteger();

  /** Beyond that one image has enough, and the buffers would cost more than they bring. */
  private static final int MOST_THREADS = 4;

  /** How many threads the conversion of one image shall have at most when so many run at once. */
  public static int threadsPerImage(int images) {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.max(1, Math.min(MOST_THREADS, cores) / Math.max(1, images));
  }

  /**
   * An executor.
   *
   * @param spare how many cores nobody needs; asked before each task, so it has to be quick
   */
  public SpareCores(BackgroundThreads threads, IntSupplier spare) {
    this.spare = spare;
    this.helpers = Executors.newCachedThreadPool(threads);
  }

  @Override
  public void execute(Runnable task) {
    if (running.incrementAndGet() > spare.getAsInt()) {
      running.decrementAndGet();
      task.run();
      return;
    }
    helpers.execute(() -> {
      try {
        task.run();
      } finally {
        running.decrementAndGet();
      }
    });
  }

  /** Ends when the tasks under way have. */
  @Override
  public void close() {
    helpers.close();
  }
}
