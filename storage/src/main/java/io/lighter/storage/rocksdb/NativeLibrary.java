package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library. A start is faster if it lies in {@code java.library.path}, where the
 * launcher has it; else its jar unpacks it into the temporary directory. RocksDB removes the file
 * when the process ends in order; after a kill it would stay, 17 MB each time.
 */
public final class NativeLibrary {

  private NativeLibrary() {}

  /**
   * Loads it, unless that was done before. Any thread; logs nothing, so that it can run before
   * logging is set up.
   *
   * @throws StorageException.Unavailable if the temporary directory takes no files
   */
  public static synchronized void load() {
    if (!isInLibraryPath()) {
      unpack();
    }
    RocksDB.loadLibrary();
  }

  /** Then a file system that cannot be written to is no hindrance. */
  @SuppressWarnings("restricted") // RocksDB would load it by the same call.
  private static boolean isInLibraryPath() {
    try {
      System.loadLibrary(Environment.getJniLibraryName("rocksdb"));
      return true;
    } catch (UnsatisfiedLinkError _) {
      return false;
    }
  }

  private static void unpack() {
    try {
      Path directory = Files.createTempDirectory("lighter-rocksdb");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
      } finally {
        delete(directory); // What is loaded stays loaded.
      }
    } catch (IOException e) {
      throw new StorageException.Unavailable(
          "cannot unpack the library of RocksDB into " + System.getProperty("java.io.tmpdir"), e);
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(directory)) {
      files = listed.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(directory);
  }
}
