package io.lighter.server;

import io.lighter.server.admin.EvictOperation;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Evicts cached content for somebody who is about to be refused for lack of room, without waiting
 * for the next look of {@link EvictionSchedule}. In vain only once in a few seconds: to look for
 * something to evict costs a walk over all images. Thread-safe and blocking.
 */
final class RoomMaking {
  private static final long PAUSE = Duration.ofSeconds(5).toNanos();

  private final EvictOperation operation;
  private final ReentrantLock running = new ReentrantLock();
  private long restUntil = System.nanoTime(); // guarded by running

  RoomMaking(EvictOperation operation) {
    this.operation = operation;
  }

  /** Returns when so many bytes were evicted, or cannot be. */
  void makeRoom(long bytes) {
    running.lock();
    try {
      if (System.nanoTime() - restUntil >= 0 && !operation.makeRoom(bytes)) {
        restUntil = System.nanoTime() + PAUSE;
      }
    } finally {
      running.unlock();
    }
  }
}
