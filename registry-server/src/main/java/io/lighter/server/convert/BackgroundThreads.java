package io.lighter.server.convert;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the threads that convert: platform threads of the lowest priority that the system has,
 * which do not keep the process alive. Thread-safe.
 */
public final class BackgroundThreads implements ThreadFactory {
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final ThreadFactory plain;
  private final List<Thread> made = new CopyOnWriteArrayList<>();

  /** What those had that are not there any more. */
  private final AtomicLong ended = new AtomicLong();

  /** Threads that are named by numbers from 1 behind this prefix. */
  public BackgroundThreads(String prefix) {
    this.plain = Thread.ofPlatform().name(prefix, 1).daemon().factory();
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread =
        plain.newThread(() -> {
          LowestPriority.take();
          try {
            task.run();
          } finally {
            ended.addAndGet(threads.getCurrentThreadCpuTime());
            made.remove(Thread.currentThread());
          }
        });
    made.add(thread);
    return thread;
  }

  /** Time on a core that all of them have had since the start, in nanoseconds. */
  long cpuNanos() {
    // A thread that has ended by now, or was not started yet, has had -1.
    return ended.get()
        + made.stream()
            .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.threadId())))
            .sum();
  }
}
