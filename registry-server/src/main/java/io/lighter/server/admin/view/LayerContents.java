package io.lighter.server.admin.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.conversion.LayerFiles;
import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.AdminRequest;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The tables of contents of layers that are being looked at. Thread-safe and blocking; one table is
 * read at a time, and few are kept.
 */
public final class LayerContents {
  /** Of a layer with more files, the first ones of the blob are shown. */
  static final int MOST_FILES = 20_000;

  private static final int MOST_KEPT = 100_000;
  private static final Duration KEPT = Duration.ofMinutes(5);

  private final BlobStore blobs;
  private final Cache<Digest, Layer> known =
      Caffeine.newBuilder()
          .maximumWeight(MOST_KEPT)
          .<Digest, Layer>weigher(
              (_, layer) -> 1 + layer.files().map(files -> files.files().size()).orElse(0))
          .expireAfterAccess(KEPT)
          .build();

  /**
   * A blob.
   *
   * @param files what its table of contents says; empty if it has none
   */
  record Layer(Digest digest, long size, Optional<LayerFiles> files) {}

  public LayerContents(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * The blob that a request names.
   *
   * @throws AdminException.Invalid if it names none
   * @throws AdminException.Missing if it is not in the store
   */
  Layer layer(AdminRequest request) {
    Digest digest;
    try {
      digest =
          Digest.parse(
              request
                  .text("digest")
                  .orElseThrow(() ->
                      new AdminException.Invalid(
                          "digest is missing; allowed: that of a layer, sha256:…")));
    } catch (InvalidReferenceException e) {
      throw new AdminException.Invalid("digest: " + e.getMessage());
    }
    Layer found = known.getIfPresent(digest);
    return found == null ? read(digest) : found;
  }

  private synchronized Layer read(Digest digest) {
    Layer meanwhile = known.getIfPresent(digest);
    if (meanwhile != null) {
      return meanwhile;
    }
    try (BlobSource blob = blobs.open(digest)) {
      var layer =
          new Layer(
              digest,
              blob.size(),
              LayerFiles.read(
                  (position, target) -> blob.read(target, position), blob.size(), MOST_FILES));
      known.put(digest, layer);
      return layer;
    } catch (StorageException.BlobMissing _) {
      throw new AdminException.Missing(digest + " is not in the store");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
