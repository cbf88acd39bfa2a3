package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Extents;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The directory of the blobs that arrive in parts. Thread-safe. */
final class PartialFiles {
  private final FileBlobStore store;
  private final BlobLayout layout;

  /** Two that write one file would each say that the other's bytes are missing. */
  private final Set<Digest> open = ConcurrentHashMap.newKeySet();

  PartialFiles(FileBlobStore store, BlobLayout layout) {
    this.store = store;
    this.layout = layout;
  }

  PartialBlob open(BlobInfo blob) {
    if (blob.size() <= 0) {
      throw new IllegalArgumentException("an empty blob has no parts");
    }
    if (!open.add(blob.digest())) {
      throw new StorageException.Unavailable(
          "blob %s is being fetched already; try again when that has ended"
              .formatted(blob.digest()),
          null);
    }
    Path path = layout.partial(blob.digest());
    try {
      return open(blob, path, new ExtentFile(layout.partialExtents(blob.digest())));
    } catch (IOException e) {
      release(blob.digest());
      throw DiskFailures.of("open a part of a blob", path, e);
    } catch (RuntimeException e) {
      release(blob.digest());
      throw e;
    }
  }

  private PartialBlob open(BlobInfo blob, Path path, ExtentFile extentFile) throws IOException {
    Optional<Extents> kept = extentFile.read(blob.size());
    if (kept.isEmpty()) {
      extentFile.delete();
    }
    // Before there is a file: one that is refused leaves nothing.
    var room = store.floor().claim(blob.size() - kept.map(Extents::bytes).orElse(0L));
    try {
      return open(blob, path, extentFile, kept, room);
    } catch (IOException | RuntimeException e) {
      room.close();
      throw e;
    }
  }

  private PartialBlob open(
      BlobInfo blob, Path path, ExtentFile extentFile, Optional<Extents> kept, DiskFloor.Claim room)
      throws IOException {
    var channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      // A file that is shorter than its extents was damaged: nothing of it is believed.
      Extents present =
          kept.filter(extents -> endsWithin(extents, channel)).orElseGet(Extents::new);
      if (present.isEmpty()) {
        channel.truncate(0);
      }
      return new FilePartialBlob(store, path, extentFile, channel, blob, present, room);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean endsWithin(Extents extents, FileChannel channel) {
    try {
      return extents.end() <= channel.size();
    } catch (IOException _) {
      return false;
    }
  }

  void release(Digest digest) {
    open.remove(digest);
  }

  /** Bytes that have arrived, of all partial blobs, as their extents say. */
  long bytes() {
    try (Stream<Path> files = Files.list(layout.partials())) {
      return files
          .map(PartialFiles::digest)
          .flatMap(Optional::stream)
          .distinct()
          .mapToLong(digest -> bytes(layout.partialExtents(digest)))
          .sum();
    } catch (IOException e) {
      throw DiskFailures.of("list a directory", layout.partials(), e);
    }
  }

  /** One whose extents cannot be read counts as nothing: it is begun anew, or removed. */
  private static long bytes(Path extents) {
    try {
      return new ExtentFile(extents).read().map(Extents::bytes).orElse(0L);
    } catch (IOException _) {
      return 0;
    }
  }

  /** Removes what nobody has open or has added to since then; returns how many blobs those were. */
  int removeUntouched(Instant since) {
    try (Stream<Path> files = Files.list(layout.partials())) {
      return (int)
          files
              .map(PartialFiles::digest)
              .flatMap(Optional::stream)
              .distinct()
              .filter(digest -> removeUntouched(digest, since))
              .count();
    } catch (IOException e) {
      throw DiskFailures.of("list a directory", layout.partials(), e);
    }
  }

  private boolean removeUntouched(Digest digest, Instant since) {
    if (!open.add(digest)) {
      return false;
    }
    try {
      boolean old = isOlder(layout.partial(digest), since);
      if (old) {
        new ExtentFile(layout.partialExtents(digest)).delete();
        Files.deleteIfExists(layout.partial(digest));
      }
      return old;
    } catch (IOException e) {
      throw DiskFailures.of("remove a part of a blob", layout.partial(digest), e);
    } finally {
      release(digest);
    }
  }

  private static Optional<Digest> digest(Path file) {
    String name = String.valueOf(file.getFileName());
    return Digest.tryParse(name.replaceFirst("\\..*", "").replaceFirst("-", ":"));
  }

  private static boolean isOlder(Path file, Instant since) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(since);
    } catch (NoSuchFileException _) {
      return true;
    }
  }
}
