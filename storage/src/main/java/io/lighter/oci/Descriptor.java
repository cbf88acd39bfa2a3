package io.lighter.oci;

import java.util.Map;
import java.util.Optional;

/**
 * A content descriptor (OCI Image Specification, "Content Descriptors"), with the fields that
 * Lighter reads. It never replaces the JSON it was read from.
 *
 * @param mediaType type of the content that is described
 * @param digest its address
 * @param size its length in bytes, not negative
 * @param artifactType type of the artifact, if the descriptor says one
 * @param annotations annotations of the descriptor
 * @param platform platform, if the descriptor says one
 * @param urls whether the descriptor lists other places to get the content from
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<String> artifactType,
    Map<String, String> annotations,
    Optional<Platform> platform,
    boolean urls) {

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("a descriptor's size is not negative: " + size);
    }
    annotations = Map.copyOf(annotations);
  }

  /** A descriptor that says only what is required. */
  public static Descriptor of(String mediaType, Digest digest, long size) {
    return new Descriptor(
        mediaType, digest, size, Optional.empty(), Map.of(), Optional.empty(), false);
  }

  /** Whether the content is expected in the repository, as opposed to behind a URL. */
  public boolean distributable() {
    return !MediaTypes.isNonDistributable(mediaType);
  }
}
