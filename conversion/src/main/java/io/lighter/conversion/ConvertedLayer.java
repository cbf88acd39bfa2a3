package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.util.Set;

/**
 * What came of converting a layer.
 *
 * @param size length of the eStargz blob in bytes
 * @param tocDigest sha256 of the JSON of its TOC
 * @param diffId sha256 of the uncompressed blob
 * @param uncompressedSize length of the uncompressed blob in bytes
 * @param sourceDiffId sha256 of the uncompressed source; must be what the image's configuration
 *     says
 * @param entries number of entries in the TOC's tar, without what the conversion added
 * @param impliedDirectories directories that entries are in but that are no entries themselves.
 *     Lazily mounted they have mode 0755 and root as owner; unpacked they take after the directory
 *     of the layers below. If one of those has other attributes, the two differ.
 * @param prefetched what stands in front of the landmark
 */
public record ConvertedLayer(
    long size,
    Digest tocDigest,
    Digest diffId,
    long uncompressedSize,
    Digest sourceDiffId,
    long entries,
    Set<String> impliedDirectories,
    Prefetched prefetched) {

  public ConvertedLayer {
    impliedDirectories = Set.copyOf(impliedDirectories);
  }

  /** What reading the source told; see the components of the same names. */
  record Source(Digest diffId, long entries, Set<String> impliedDirectories) {}
}
