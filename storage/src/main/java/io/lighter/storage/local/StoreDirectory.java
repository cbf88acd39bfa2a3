package io.lighter.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The data directory, checked and locked: while this is open no other process uses the store, and
 * it has the layout that this program knows. To be opened before anything in it and closed last.
 */
public final class StoreDirectory implements AutoCloseable {
  static final String FORMAT = "lighter-store 2";
  private static final int EXCERPT = 64;

  private final BlobLayout layout;

  /** Holds the lock until it is closed. */
  private final FileChannel lock;

  /**
   * Opens the store in a directory. An empty or missing one becomes an empty store.
   *
   * @throws StorageException.Unavailable if another process uses the store, or another version of
   *     this program wrote it, or the directory cannot be used
   */
  public StoreDirectory(Path root) {
    layout = new BlobLayout(root);
    create(root);
    try {
      lock = lock();
      try {
        checkFormat();
        var directories = new Directories(root);
        directories.ensure(layout.blobs());
        directories.ensure(layout.uploads());
        directories.ensure(layout.partials());
        directories.ensure(layout.temporary());
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw DiskFailures.of("open the store", root, e);
    }
  }

  private static void create(Path root) {
    try {
      Directories.create(root);
    } catch (IOException e) {
      throw DiskFailures.notCreated(root, e);
    }
  }

  public BlobLayout layout() {
    return layout;
  }

  /** Lets other processes use the store. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw DiskFailures.of("release the lock of the store", layout.lock(), e);
    }
  }

  private FileChannel lock() throws IOException {
    var channel =
        FileChannel.open(layout.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException _) {
      // This process has it already. Closing the channel gives up that lock as well, as POSIX has
      // it; what is left then is RocksDB's own lock.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new StorageException.Unavailable(
        "the store in %s is in use by another process, which has %s locked; stop it, or choose another directory"
            .formatted(layout.root(), layout.lock()),
        null);
  }

  private void checkFormat() throws IOException {
    if (!Files.exists(layout.format())) {
      refuseUnmarkedContent();
      writeFormat(layout);
      return;
    }
    String found = excerpt(layout.format());
    if (!found.equals(FORMAT)) {
      throw new StorageException.Unavailable(
          "the store in %s has format \"%s\"; this program reads \"%s\"; run the version of the program that wrote it, or choose another directory"
              .formatted(layout.root(), found, FORMAT),
          null);
    }
  }

  /** The format is written before anything else, so content without it is not from here. */
  private void refuseUnmarkedContent() {
    Stream.of(layout.blobs(), layout.metadata())
        .filter(Files::exists)
        .findFirst()
        .ifPresent(content -> {
          throw new StorageException.Unavailable(
              "%s exists, but no %s that says which version wrote it; this program reads \"%s\"; restore that file from the backup that the data came from, or choose another directory"
                  .formatted(content, layout.format(), FORMAT),
              null);
        });
  }

  static void writeFormat(BlobLayout layout) throws IOException {
    Path fresh = layout.root().resolve("FORMAT.new");
    try (var channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var line = ByteBuffer.wrap((FORMAT + "\n").getBytes(UTF_8));
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
    }
    Files.move(fresh, layout.format(), StandardCopyOption.ATOMIC_MOVE);
    Directories.sync(layout.root());
  }

  private static String excerpt(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(EXCERPT), UTF_8).strip();
    }
  }
}
