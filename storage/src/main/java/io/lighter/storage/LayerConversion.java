package io.lighter.storage;

import io.lighter.oci.Digest;

/**
 * What became of a layer under one recipe. Kept as long as the layer is and images have what it
 * became, so that no layer is converted twice for them.
 */
public sealed interface LayerConversion {

  /**
   * The layer as eStargz.
   *
   * @param blob the converted blob
   * @param tocDigest sha256 of the uncompressed TOC JSON
   * @param diffId digest of the uncompressed converted layer
   * @param uncompressedSize length of the uncompressed converted layer in bytes
   * @param sourceDiffId digest of the uncompressed source layer, which the configuration of every
   *     image that has the layer must name
   */
  record Converted(
      BlobInfo blob, Digest tocDigest, Digest diffId, long uncompressedSize, Digest sourceDiffId)
      implements LayerConversion {}

  /**
   * The layer cannot be eStargz without changing what it unpacks to.
   *
   * @param reason what it holds that eStargz cannot represent
   */
  record Unconvertible(String reason) implements LayerConversion {}
}
