package io.lighter.storage.local;

import io.lighter.oci.Digest;
import io.lighter.storage.UploadId;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Every path of a store.
 *
 * <pre>
 * &lt;data&gt;/
 *   FORMAT                  version of this layout, one line: "lighter-store 2"
 *   LOCK                    locked by the process that uses the store; always empty
 *   blobs/sha256/ab/&lt;hex&gt;    complete blobs; ab are the first two characters of &lt;hex&gt;
 *   uploads/&lt;id&gt;            what resumable uploads have received; kept over restarts
 *   partial/                blobs that arrive in parts; kept over restarts
 *     &lt;alg&gt;-&lt;hex&gt;           their bytes, each at its place; a sparse file
 *     &lt;alg&gt;-&lt;hex&gt;.extents   which of the bytes are there
 *   tmp/&lt;random&gt;            blobs on their way in that nobody can resume; emptied at start
 *   quarantine/             files of blobs that were found damaged; for people to look at
 *   hot-blobs               which blobs were read most; a hint for the next start
 *   metadata/               everything that names blobs; RocksDB's own files
 * </pre>
 *
 * @param root the data directory
 */
public record BlobLayout(Path root) {
  private static final int SHARD_LENGTH = 2;

  public Path format() {
    return root.resolve("FORMAT");
  }

  public Path hotList() {
    return root.resolve("hot-blobs");
  }

  public Path lock() {
    return root.resolve("LOCK");
  }

  public Path blobs() {
    return root.resolve("blobs");
  }

  public Path blob(Digest digest) {
    return shard(digest).resolve(digest.hex());
  }

  /** The directory that a blob's file is in. */
  public Path shard(Digest digest) {
    return blobs()
        .resolve(digest.algorithm().identifier())
        .resolve(digest.hex().substring(0, SHARD_LENGTH));
  }

  public Path uploads() {
    return root.resolve("uploads");
  }

  public Path upload(UploadId id) {
    return uploads().resolve(id.toString());
  }

  public Path partials() {
    return root.resolve("partial");
  }

  public Path partial(Digest digest) {
    return partials().resolve("%s-%s".formatted(digest.algorithm().identifier(), digest.hex()));
  }

  /** The file that says which bytes of a partial blob are there. */
  public Path partialExtents(Digest digest) {
    return partials().resolve(partial(digest).getFileName() + ".extents");
  }

  public Path temporary() {
    return root.resolve("tmp");
  }

  /** A path in {@link #temporary} that nobody has been given before. */
  public Path newTemporary() {
    return temporary().resolve(UUID.randomUUID().toString());
  }

  public Path quarantine() {
    return root.resolve("quarantine");
  }

  /** A path in {@link #quarantine} that nobody has been given before. */
  public Path newQuarantined(Digest digest) {
    return quarantine()
        .resolve(
            "%s-%s.%s".formatted(digest.algorithm().identifier(), digest.hex(), UUID.randomUUID()));
  }

  public Path metadata() {
    return root.resolve("metadata");
  }
}
