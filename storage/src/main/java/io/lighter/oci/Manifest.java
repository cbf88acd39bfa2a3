package io.lighter.oci;

import java.util.Optional;

/**
 * A manifest or index as it came in: its bytes, what they are called and what they are. The bytes
 * are stored and served unchanged; the array is never modified by anybody who holds this object.
 */
@SuppressWarnings("ArrayRecordComponent") // Identity is the digest; the bytes are only carried.
public record Manifest(Digest digest, String mediaType, byte[] content) {

  /**
   * Takes in the bytes of a manifest under their sha256 digest.
   *
   * @param contentType media type that the sender named, if any
   * @throws InvalidManifestException if the bytes are not a manifest
   */
  public static Manifest of(Optional<String> contentType, byte[] content) {
    return new Manifest(
        Digest.ofSha256(content), ManifestView.parse(contentType, content).mediaType(), content);
  }

  /** Reads the bytes anew. */
  public ManifestView view() {
    return ManifestView.parse(Optional.of(mediaType), content);
  }

  /** A descriptor of this manifest. */
  public Descriptor descriptor() {
    return Descriptor.of(mediaType, digest, content.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Manifest that
        && digest.equals(that.digest)
        && mediaType.equals(that.mediaType);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return mediaType + ' ' + digest;
  }
}
