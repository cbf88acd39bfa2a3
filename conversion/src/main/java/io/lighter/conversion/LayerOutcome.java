package io.lighter.conversion;

import io.lighter.oci.Digest;

/** What is to become of one layer of an image. */
public sealed interface LayerOutcome {

  /** Whether the layer can be mounted lazily. */
  default boolean lazy() {
    return switch (this) {
      case Converted _, Annotated _, PassedThrough _ -> true;
      case Kept _ -> false;
    };
  }

  /**
   * An eStargz blob takes the layer's place.
   *
   * @param digest digest of the eStargz blob
   * @param size its length in bytes
   * @param tocDigest sha256 of its TOC's JSON
   * @param diffId sha256 of the uncompressed eStargz blob
   * @param uncompressedSize length of the uncompressed eStargz blob
   * @param sourceDiffId sha256 of the uncompressed source layer
   */
  record Converted(
      Digest digest,
      long size,
      Digest tocDigest,
      Digest diffId,
      long uncompressedSize,
      Digest sourceDiffId)
      implements LayerOutcome {

    /** The outcome of a conversion whose result has this digest. */
    public static Converted of(Digest digest, ConvertedLayer layer) {
      return new Converted(
          digest,
          layer.size(),
          layer.tocDigest(),
          layer.diffId(),
          layer.uncompressedSize(),
          layer.sourceDiffId());
    }
  }

  /**
   * The layer is eStargz already, but its descriptor does not say so.
   *
   * @param tocDigest sha256 of its TOC's JSON
   * @param diffId sha256 of the uncompressed layer
   * @param uncompressedSize length of the uncompressed layer
   */
  record Annotated(Digest tocDigest, Digest diffId, long uncompressedSize)
      implements LayerOutcome {}

  /** The layer is eStargz already and its descriptor says so. */
  record PassedThrough() implements LayerOutcome {}

  /**
   * The layer stays as it is and will be pulled as a whole.
   *
   * @param reason why
   */
  record Kept(String reason) implements LayerOutcome {}
}
