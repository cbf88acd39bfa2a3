package io.lighter.storage.local;

import io.lighter.storage.BackupReport;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.MetadataCheckpoint;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies a store that is in use. No file of a blob is taken away from before the metadata is copied
 * until the blobs that this copy names are in the backup too; so nothing in a backup dangles.
 *
 * <p>Unfinished uploads are left out: their clients begin anew. A backup has no format file, so
 * that nobody serves from it by mistake; {@link Restore} writes one.
 *
 * <p>Thread-safe and blocking; one backup at a time.
 */
public final class Backup {
  private static final Logger LOG = LoggerFactory.getLogger(Backup.class);

  private final BlobLayout store;
  private final FileBlobStore blobs;
  private final MetadataCheckpoint metadata;
  private final Clock clock;

  public Backup(BlobLayout store, FileBlobStore blobs, MetadataCheckpoint metadata, Clock clock) {
    this.store = store;
    this.blobs = blobs;
    this.metadata = metadata;
    this.clock = clock;
  }

  /**
   * Makes a backup. It has its name only when it is complete; until then it is called {@code
   * <target>.partial}.
   *
   * @throws IllegalArgumentException if there is something at the target, or it is in the store
   * @throws StorageException if it cannot be written; what was written of it is removed
   */
  public BackupReport write(Path target) {
    Path whole = target.toAbsolutePath().normalize();
    Path parent = whole.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(whole + " cannot be created");
    }
    Path partial = parent.resolve(whole.getFileName() + ".partial");
    if (whole.startsWith(store.root().toAbsolutePath().normalize())) {
      throw new IllegalArgumentException(
          "%s is in the data directory; choose a directory outside of it".formatted(whole));
    }
    for (Path taken : List.of(whole, partial)) {
      if (Files.exists(taken)) {
        throw new IllegalArgumentException(
            taken + " exists; choose a directory that does not, or remove this one");
      }
    }
    try {
      Directories.create(partial);
      BackupReport report = fill(new BlobLayout(partial));
      Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE);
      Directories.sync(parent);
      return report;
    } catch (IOException e) {
      discard(partial);
      throw DiskFailures.of("write the backup", partial, e);
    } catch (RuntimeException | Error e) {
      discard(partial);
      throw e;
    }
  }

  private BackupReport fill(BlobLayout backup) throws IOException {
    Instant startedAt = clock.instant();
    var content = new Content(backup);
    blobs.withoutRemovals(() -> metadata.copyTo(backup.metadata(), content::add));
    content.unshareMetadata();
    content.sync();
    var report =
        new BackupReport(
            StoreDirectory.FORMAT,
            startedAt,
            clock.instant(),
            content.blobs,
            content.bytes,
            content.missing);
    BackupFile.write(backup.root(), report);
    return report;
  }

  private static void discard(Path partial) {
    try (Stream<Path> left = Files.walk(partial)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("what is left of a failed backup cannot be removed: {}", partial, e);
    }
  }

  /** The blobs of one backup. */
  private final class Content {
    private final BlobLayout backup;
    private final FileCopies copies;
    private long blobs;
    private long bytes;
    private long missing;

    Content(BlobLayout backup) {
      this.backup = backup;
      copies = new FileCopies(backup.root());
    }

    void add(BlobInfo blob) {
      Path source = store.blob(blob.digest());
      try {
        copies.linkOrCopy(source, backup.blob(blob.digest()));
        blobs++;
        bytes += blob.size();
      } catch (NoSuchFileException _) {
        LOG.error("blob {} is not in the backup: its file is missing", blob.digest());
        missing++;
      } catch (IOException e) {
        throw DiskFailures.of("copy a blob to the backup", source, e);
      }
    }

    /** Blobs can be had again from elsewhere, or be named one by one if not; this is the list. */
    void unshareMetadata() throws IOException {
      for (Path file : FileCopies.below(backup.metadata())) {
        copies.unshare(file);
      }
    }

    void sync() throws IOException {
      copies.sync();
    }
  }
}
