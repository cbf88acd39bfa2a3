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

  private SharedFile() {}

  /** Like {@link FileChannel#read(ByteBuffer, long)}. */
  static int read(FileChannel channel, ByteBuffer target, long position) throws IOException {
    return uninterrupted(() -> channel.read(target, position));
  }

  /** Like {@link FileChannel#write(ByteBuffer, long)}. */
  static int write(FileChannel channel, ByteBuffer source, long position) throws IOException {
    return uninterrupted(() -> channel.write(source, position));
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
