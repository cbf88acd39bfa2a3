package io.lighter.server.http;

import java.util.concurrent.Semaphore;

/**
 * Memory that bodies under way may hold together beyond the little that each of them always may. A
 * body that gets none of it goes on with less in flight: clients that do not read, or disks that do
 * not write, cost the others speed and never the process its heap. Thread-safe; never blocks.
 */
final class BodyBudget {
  /** What one permit stands for, in bytes. */
  static final int PIECE = 256 * 1024;

  private final Semaphore pieces;

  /** A budget of so many bytes, rounded down to whole pieces. */
  BodyBudget(long bytes) {
    pieces = new Semaphore(Math.toIntExact(bytes / PIECE));
  }

  /** Takes this many pieces, or none of them. */
  boolean tryTake(int count) {
    return pieces.tryAcquire(count);
  }

  /** Whether there is any left, as far as can be told without taking it. */
  boolean hasSome() {
    return pieces.availablePermits() > 0;
  }

  void giveBack(int count) {
    pieces.release(count);
  }
}
