package io.lighter.server.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where log lines go: collected, and written when there are many, when somebody flushes, or after a
 * moment. A busy server writes a hundred lines by one call of the system instead of each by its
 * own. Each write is one whole line, and lines are never divided between two writes to the target.
 * Thread-safe.
 */
final class LogOutput extends OutputStream {
  private static final int CAPACITY = 64 * 1024;

  /** Longest time that a line is held back. */
  static final Duration PATIENCE = Duration.ofMillis(200);

  private final OutputStream target;
  private final Thread flusher;
  private final ReentrantLock lock = new ReentrantLock(); // A virtual thread may log.
  private final byte[] held = new byte[CAPACITY]; // guarded by lock
  private int length; // guarded by lock

  /** Begins to write, and starts the thread that sees to what is held back. */
  LogOutput(OutputStream target) {
    this.target = target;
    flusher = Thread.ofPlatform().name("log-output").daemon().start(this::flushNowAndThen);
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single});
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    lock.lock();
    try {
      if (length + count > held.length) {
        flush();
      }
      if (count > held.length) {
        target.write(bytes, offset, count);
      } else {
        System.arraycopy(bytes, offset, held, length, count);
        length += count;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void flush() throws IOException {
    lock.lock();
    try {
      if (length > 0) {
        int count = length;
        length = 0; // Also if it fails: a full disk must not hold up everybody who logs.
        target.write(held, 0, count);
        target.flush();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes what was held back and ends the thread. The target stays open. */
  @Override
  public void close() throws IOException {
    flusher.interrupt();
    flush();
  }

  private void flushNowAndThen() {
    while (true) {
      try {
        Thread.sleep(PATIENCE);
        flush();
      } catch (InterruptedException _) {
        return;
      } catch (IOException _) {
        // There is no other place to say so.
      }
    }
  }
}
