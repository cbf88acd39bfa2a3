package io.lighter.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Reads and writes of a file that many threads share. A thread that is interrupted while it uses an
 * interruptible channel closes it for everybody; so an interrupt that came before is put aside
 * until the read or write is over. One that comes in the midst of it still closes the channel;
 * whoever keeps it open for others must look at {@link FileChannel#isOpen}.
 */
final class SharedFile {
  /**
   * Most bytes of one write. Linux takes as much memory for them at once, and keeps freed pieces of
   * this length at hand for each processor; longer ones it takes from where a virtual machine has
   * its unused memory, which the host may have taken back and has to provide first.
   */
  private static final int LONGEST_WRITE = 32 * 1024;

  private SharedFile() {}

  /** Like {@link FileChannel#read(ByteBuffer, long)}. */
  static int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
    return uninterrupted(() -> channel.read(target, position));
  }

  /** Like {@link FileChannel#write(ByteBuffer, long)}, until nothing is left of the source. */
  static void write(FileChannel channel, ByteBuffer source, long position) throws IOException {
    int begin = source.position();
    int end = source.limit();
    try {
      while (source.position() < end) {
        source.limit(Math.min(end, source.position() + LONGEST_WRITE));
        long at = position + source.position() - begin;
        var _ = uninterrupted(() -> channel.write(source, at));
      }
    } finally {
      source.limit(end);
    }
  }

  private static int uninterrupted(Transfer transfer) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      return transfer.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @FunctionalInterface
  private interface Transfer {
    int run() throws IOException;
  }
}
