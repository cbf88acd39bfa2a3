package io.lighter.conversion;

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
 */
public record Recipe(
    int formatVersion, String encoder, String encoderVersion, int level, long chunkSize) {

  /** The layout that this version of the code writes. */
  public static final int FORMAT_VERSION = 1;

  /** The recipe that these encoders and this chunk size make. */
  static Recipe of(GzipEncoders encoders, int chunkSize) {
    return new Recipe(
        FORMAT_VERSION, encoders.name(), encoders.fingerprint(), encoders.level(), chunkSize);
  }

  /** Short and stable: {@code estargz1-libdeflate-1a2b3c4d-l6-c4194304}. */
  public String id() {
    return "estargz%d-%s-%s-l%d-c%d"
        .formatted(formatVersion, encoder, encoderVersion, level, chunkSize);
  }

  @Override
  public String toString() {
    return id();
  }
}
