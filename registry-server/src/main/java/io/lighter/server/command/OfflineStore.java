package io.lighter.server.command;

import io.lighter.server.verify.Verification;
import io.lighter.storage.BackupReport;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.StorageException;
import io.lighter.storage.local.Backup;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.Restore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** The store of a server that does not run, for the commands that can do without one. */
public final class OfflineStore implements AutoCloseable {
  private static final long METADATA_MEMORY = 64L << 20;
  private static final int OPEN_FILES = 16;

  /** Nobody reads from it meanwhile. */
  private static final Duration LEASE_GRANULARITY = Duration.ofHours(1);

  private final Clock clock = Clock.systemUTC();
  private final StoreDirectory directory;
  private final RocksStores stores;
  private final FileBlobStore blobs;

  private OfflineStore(StoreDirectory directory) {
    this.directory = directory;
    this.stores =
        new RocksStores(directory.layout().metadata(), METADATA_MEMORY, clock, LEASE_GRANULARITY);
    this.blobs = new FileBlobStore(directory.layout(), stores.blobIndex(), OPEN_FILES);
  }

  /**
   * Opens the store in a data directory.
   *
   * @throws StartException if there is none, or a server uses it
   */
  static OfflineStore open(Path root) {
    if (!Files.isDirectory(root)) {
      throw new StartException("there is no data directory " + root, null);
    }
    try {
      var directory = new StoreDirectory(root);
      try {
        return new OfflineStore(directory);
      } catch (RuntimeException e) {
        directory.close();
        throw e;
      }
    } catch (StorageException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Makes a data directory out of a backup.
   *
   * @throws StartException if that cannot be done
   */
  public static BackupReport restore(Path backup, Path target) {
    try {
      return Restore.restore(backup, target);
    } catch (IllegalArgumentException | StorageException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Images that have to be converted again wait for the next start of a server. */
  Verification verification() {
    var conversions = stores.conversions();
    return new Verification(
        stores.verification(),
        blobs,
        stores.metadata(),
        (repository, image) ->
            conversions.enqueue(ConversionJob.first(repository, image, clock.instant())),
        () -> {},
        clock);
  }

  /**
   * Makes a backup of the store.
   *
   * @throws StartException if that cannot be done
   */
  BackupReport backUp(Path target) {
    try {
      return new Backup(directory.layout(), blobs, stores.checkpoint(), clock).write(target);
    } catch (IllegalArgumentException | StorageException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    blobs.close();
    stores.close();
    directory.close();
  }
}
