package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Digest;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Everything besides the source that decides what a converted layer looks like. Two conversions
 * under one recipe are interchangeable; their bytes are equal in practice, but results are kept and
 * never recomputed, so nothing relies on that.
 *
 * @param formatVersion changes when the converter lays out blobs or fills the TOC differently, or
 *     refuses other layers: a refusal is a result too, and kept
 * @param encoder name of the gzip encoder
 * @param encoderVersion fingerprint of the encoder
 * @param level compression level
 * @param chunkSize most uncompressed bytes of a file in one gzip member
 * @param minChunkSize gzip members with fewer uncompressed bytes take another file; 0 if each file
 *     has its own
 * @param prefetched tells which entries of the source are laid out first, and in which order; empty
 *     if none are
 */
public record Recipe(
    int formatVersion,
    String encoder,
    String encoderVersion,
    int level,
    long chunkSize,
    long minChunkSize,
    String prefetched) {

  /** The layout that this version of the code writes. */
  public static final int FORMAT_VERSION = 2;

  /** A recipe that packs no files together and prefetches none. */
  public Recipe(
      int formatVersion, String encoder, String encoderVersion, int level, long chunkSize) {
    this(formatVersion, encoder, encoderVersion, level, chunkSize, 0, "");
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
        minChunkSize,
        Digest.ofSha256(bytes.array()).hex().substring(0, 16));
  }

  /** The recipe that these encoders and sizes make. */
  static Recipe of(GzipEncoders encoders, int chunkSize, int minChunkSize) {
    return new Recipe(
        FORMAT_VERSION,
        encoders.name(),
        encoders.fingerprint(),
        encoders.level(),
        chunkSize,
        minChunkSize,
        "");
  }

  /** Short and stable: {@code estargz2-libdeflate-1a2b3c4d-l6-c4194304}. */
  public String id() {
    return "estargz%d-%s-%s-l%d-c%d%s%s"
        .formatted(
            formatVersion,
            encoder,
            encoderVersion,
            level,
            chunkSize,
            minChunkSize == 0 ? "" : "-m" + minChunkSize,
            prefetched.isEmpty() ? "" : "-p" + prefetched);
  }

  @Override
  public String toString() {
    return id();
  }
}
