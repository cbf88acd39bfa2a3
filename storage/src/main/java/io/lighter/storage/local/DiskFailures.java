package io.lighter.storage.local;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
        ? new StorageException.DiskFull(
            "cannot %s: the disk of %s is full".formatted(attempted, path), failure)
        : new StorageException.Unavailable(
            "cannot %s at %s: %s".formatted(attempted, path, failure), failure);
  }

  /** The directory of the store could not be made. */
  static StorageException notCreated(Path directory, IOException failure) {
    return isFull(directory, failure)
        ? of("create the store", directory, failure)
        : new StorageException.Unavailable(
            "the directory %s cannot be created: %s; choose another, or make it for the user of this process"
                .formatted(directory, words(failure)),
            failure);
  }

  /** The usual reasons; Java's own messages for them are nothing but the path. */
  private static String words(IOException failure) {
    return switch (failure) {
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException e -> e.getFile() + " is there and is no directory";
      case NoSuchFileException e -> "the file system does not take " + e.getFile();
      case FileSystemException e -> String.valueOf(e.getReason());
      default -> String.valueOf(failure.getMessage());
    };
  }

  private static boolean isFull(Path path, IOException failure) {
    String message = failure.getMessage();
    return (message != null && FULL.stream().anyMatch(message::contains)) || hasNoSpace(path);
  }

  private static boolean hasNoSpace(Path path) {
    @Nullable Path directory = path.getParent();
    try {
      if (directory == null) {
        return false;
      }
      FileStore disk = Files.getFileStore(directory);
      // What has no space at all is no disk, such as /proc: nothing there fills up.
      return disk.getTotalSpace() > 0 && disk.getUsableSpace() < LESS_THAN_A_BLOCK;
    } catch (IOException _) {
      return false;
    }
  }
}
