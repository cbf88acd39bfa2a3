package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Everything besides the source that decides what a converted layer looks like. Two conversions
 * under one recipe are interchangeable; their bytes are equal in practice, but results are kept and
 * never recomputed, so nothing relies on that.
 *
 * @param formatVersion changes when the converter lays out blobs or fills the TOC differently
 * @param encoder name of the gzip encoder
 * @param encoderVersion fingerprint of the encoder
 * @param level compression level
 * @param chunkSize most uncompressed bytes of a file in one gzip member
 * @param prefetched tells which entries of the source are laid out first, and in which order; empty
 *     if none are
 */
public record Recipe(
    int formatVersion,
    String encoder,
    String encoderVersion,
    int level,
    long chunkSize,
    String prefetched) {

  /** The layout that this version of the code writes. */
  public static final int FORMAT_VERSION = 1;

  /** A recipe without prefetched files. */
  public Recipe(
      int formatVersion, String encoder, String encoderVersion, int level, long chunkSize) {
    this(formatVersion, encoder, encoderVersion, level, chunkSize, "");
  }

  /** This recipe, with these entries of the source in front of all others. */
  Recipe withPrefetched(List<Integer> ordinals) {
    if (ordinals.isEmpty()) {
      return this;
    }
    var bytes = ByteBuffer.allocate(ordinals.size() * Integer.BYTES);
    ordinals.forEach(bytes::putInt);
    return new Recipe(
        formatVersion,
        encoder,
        encoderVersion,
        level,
        chunkSize,
        Digest.ofSha256(bytes.array()).hex().substring(0, 16));
  }

  /** The recipe that these encoders and this chunk size make. */
  static Recipe of(GzipEncoders encoders, int chunkSize) {
    return new Recipe(
        FORMAT_VERSION, encoders.name(), encoders.fingerprint(), encoders.level(), chunkSize);
  }

  /** Short and stable: {@code estargz1-libdeflate-1a2b3c4d-l6-c4194304}. */
  public String id() {
    return "estargz%d-%s-%s-l%d-c%d%s"
        .formatted(
            formatVersion,
            encoder,
            encoderVersion,
            level,
            chunkSize,
            prefetched.isEmpty() ? "" : "-p" + prefetched);
  }

  @Override
  public String toString() {
    return id();
  }
}
