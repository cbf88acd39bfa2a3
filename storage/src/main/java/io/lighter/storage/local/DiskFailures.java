package io.lighter.storage.local;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a failure of the file system means for the store. */
final class DiskFailures {
  /** As the C library words ENOSPC and EDQUOT; Java passes on nothing but this text. */
  private static final List<String> FULL =
      List.of("No space left on device", "Disk quota exceeded");

  /** In other languages the words are others, but then there is less than this left. */
  private static final long LESS_THAN_A_BLOCK = 4096;

  private DiskFailures() {}

  /**
   * The same failure in the SPI's terms.
   *
   * @param attempted what failed, as in "cannot ..."
   * @param path the file or directory that it failed on
   */
  static StorageException of(String attempted, Path path, IOException failure) {
    return isFull(path, failure)
        ? new StorageException.OutOfSpace(
            "cannot %s: the disk of %s is full".formatted(attempted, path), failure)
        : new StorageException.Unavailable(
            "cannot %s at %s: %s".formatted(attempted, path, failure), failure);
  }

  private static boolean isFull(Path path, IOException failure) {
    String message = failure.getMessage();
    return (message != null && FULL.stream().anyMatch(message::contains)) || hasNoSpace(path);
  }

  private static boolean hasNoSpace(Path path) {
    @Nullable Path directory = path.getParent();
    try {
      return directory != null
          && Files.getFileStore(directory).getUsableSpace() < LESS_THAN_A_BLOCK;
    } catch (IOException _) {
      return false;
    }
  }
}
