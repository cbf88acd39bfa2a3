package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Reads a whole file past the page cache where the file system can do that: what is judged is the
 * disk and not a copy in memory, and the content that clients read stays in memory.
 */
final class FileInspection {
  private static final int BUFFER = 1 << 20;

  /** Reading past the page cache takes whole blocks of the disk; none has larger ones than this. */
  private static final int ALIGNMENT = 1 << 16;

  /** Read only, past the page cache if this Java platform can do that. */
  private static final OpenOption[] DIRECT = direct();

  private FileInspection() {}

  /** By name: the compiler warns of every mention of an option that is not standard Java's. */
  private static OpenOption[] direct() {
    try {
      for (Object option :
          Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (option.toString().equals("DIRECT")) {
          return new OpenOption[] {StandardOpenOption.READ, (OpenOption) option};
        }
      }
    } catch (ClassNotFoundException _) {
      // Then through the cache.
    }
    return new OpenOption[] {StandardOpenOption.READ};
  }

  /** What is wrong with the file of a blob, if anything is. */
  static Optional<String> defect(Path file, BlobInfo blob, LongConsumer read) {
    try {
      return defect(file, blob, read, DIRECT);
    } catch (IOException | UnsupportedOperationException _) {
      return defectThroughCache(file, blob, read);
    }
  }

  private static Optional<String> defectThroughCache(Path file, BlobInfo blob, LongConsumer read) {
    try {
      return defect(file, blob, read, StandardOpenOption.READ);
    } catch (NoSuchFileException _) {
      return Optional.of("the file is missing");
    } catch (IOException e) {
      return Optional.of("the file cannot be read: " + e.getMessage());
    }
  }

  private static Optional<String> defect(
      Path file, BlobInfo blob, LongConsumer read, OpenOption... options) throws IOException {
    try (var channel = FileChannel.open(file, options)) {
      long size = channel.size();
      if (size != blob.size()) {
        return Optional.of("the file has %d bytes, not %d".formatted(size, blob.size()));
      }
      Digest actual = digest(channel, blob, read);
      return actual.equals(blob.digest())
          ? Optional.empty()
          : Optional.of("the content has digest " + actual);
    }
  }

  private static Digest digest(FileChannel channel, BlobInfo blob, LongConsumer read)
      throws IOException {
    MessageDigest hash = blob.digest().algorithm().newMessageDigest();
    long length = Math.clamp(blob.size(), ALIGNMENT, BUFFER);
    try (var arena = Arena.ofConfined()) {
      ByteBuffer buffer =
          arena.allocate(Math.ceilDiv(length, ALIGNMENT) * ALIGNMENT, ALIGNMENT).asByteBuffer();
      long position = 0;
      while (position < blob.size()) {
        int count = channel.read(buffer.clear(), position);
        if (count < 0) {
          break;
        }
        hash.update(buffer.flip());
        position += count;
        read.accept(count);
      }
    }
    return Digest.of(blob.digest().algorithm(), hash);
  }
}
