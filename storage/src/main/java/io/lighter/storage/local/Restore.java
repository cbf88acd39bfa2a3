package io.lighter.storage.local;

import io.lighter.storage.BackupReport;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Makes a store out of a backup, which stays as it is and can be restored again. */
public final class Restore {
  private Restore() {}

  /**
   * Restores a backup. The format file comes last, so that a restore which was interrupted is
   * refused by everybody who would use the store.
   *
   * @param target the new data directory; missing or empty
   * @throws IllegalArgumentException if the one is no backup that this program can restore, or the
   *     other has something in it
   * @throws StorageException if the store cannot be written
   */
  public static BackupReport restore(Path backup, Path target) {
    try {
      BackupReport report = BackupFile.read(backup);
      if (!report.format().equals(StoreDirectory.FORMAT)) {
        throw new IllegalArgumentException(
            "the backup %s has format \"%s\"; this program restores \"%s\""
                .formatted(backup, report.format(), StoreDirectory.FORMAT));
      }
      requireEmpty(target);
      Directories.create(target);
      long blobs = copy(new BlobLayout(backup), new BlobLayout(target));
      if (blobs != report.blobs()) {
        throw new IllegalArgumentException(
            "the backup %s has %d blobs; it was made with %d"
                .formatted(backup, blobs, report.blobs()));
      }
      StoreDirectory.writeFormat(new BlobLayout(target));
      return report;
    } catch (IOException e) {
      throw DiskFailures.of("restore " + backup, target, e);
    }
  }

  private static void requireEmpty(Path target) throws IOException {
    if (Files.exists(target)) {
      try (Stream<Path> content = Files.list(target)) {
        content
            .findAny()
            .ifPresent(found -> {
              throw new IllegalArgumentException(
                  "%s is not empty; choose an empty directory, or one that does not exist"
                      .formatted(target));
            });
      }
    }
  }

  private static long copy(BlobLayout backup, BlobLayout target) throws IOException {
    var copies = new FileCopies(target.root());
    long blobs = 0;
    for (Path file : FileCopies.below(backup.blobs())) {
      copies.linkOrCopy(file, target.blobs().resolve(backup.blobs().relativize(file)));
      blobs++;
    }
    for (Path file : FileCopies.below(backup.metadata())) {
      copies.copy(file, target.metadata().resolve(backup.metadata().relativize(file)));
    }
    copies.sync();
    return blobs;
  }
}
