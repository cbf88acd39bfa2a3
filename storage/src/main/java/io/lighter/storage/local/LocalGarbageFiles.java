package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import io.lighter.storage.UploadId;
import io.lighter.storage.gc.GarbageFiles;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;

/** The files of a {@link FileBlobStore} as garbage collection sees them. */
public final class LocalGarbageFiles implements GarbageFiles {
  private final BlobLayout layout;
  private final FileBlobStore store;

  public LocalGarbageFiles(BlobLayout layout, FileBlobStore store) {
    this.layout = layout;
    this.store = store;
  }

  @Override
  public boolean removeDoomed(Digest digest) {
    return store.removeDoomed(digest);
  }

  @Override
  public void removeUpload(UploadId id) {
    store.deleteUpload(id);
  }

  /** One directory is open at a time. Names that are none of ours are left alone. */
  @Override
  public void walk(Visitor visitor) {
    for (var algorithm : DigestAlgorithm.values()) {
      forEach(
          layout.blobs().resolve(algorithm.identifier()),
          shard -> forEach(shard, file -> visitBlob(algorithm, file, visitor)));
    }
    forEach(layout.uploads(), file -> visitUpload(file, visitor));
  }

  private void visitBlob(DigestAlgorithm algorithm, Path file, Visitor visitor) {
    Digest.tryParse(algorithm.identifier() + ":" + file.getFileName())
        .filter(digest -> layout.blob(digest).equals(file))
        .ifPresent(
            digest -> withAttributes(file, attributes -> visitor.blob(digest, attributes.size())));
  }

  private static void visitUpload(Path file, Visitor visitor) {
    UploadId.tryParse(String.valueOf(file.getFileName()))
        .ifPresent(id ->
            withAttributes(
                file,
                attributes ->
                    visitor.upload(
                        id, attributes.size(), attributes.lastModifiedTime().toInstant())));
  }

  /** Nothing if the file went meanwhile. */
  private static void withAttributes(Path file, Consumer<BasicFileAttributes> action) {
    try {
      action.accept(Files.readAttributes(file, BasicFileAttributes.class));
    } catch (NoSuchFileException _) {
      // Moved or removed since the directory was read.
    } catch (IOException e) {
      throw DiskFailures.of("look at a file", file, e);
    }
  }

  private static void forEach(Path directory, Consumer<Path> action) {
    try (var entries = Files.newDirectoryStream(directory)) {
      entries.forEach(action);
    } catch (NoSuchFileException | NotDirectoryException _) {
      // There are no blobs of this kind yet, or it is none of our directories.
    } catch (DirectoryIteratorException e) {
      throw DiskFailures.of("list a directory", directory, new IOException(e));
    } catch (IOException e) {
      throw DiskFailures.of("list a directory", directory, e);
    }
  }
}
