package io.lighter.conversion;

/**
 * What a layer may ask for. Layers come from anybody, and a few kilobytes can unpack to terabytes.
 *
 * @param maxUncompressedBytes longest uncompressed layer
 * @param maxEntries most entries in a layer; about 400 bytes of memory are held for each
 * @param maxHeaderBytes most bytes of extended headers in front of one entry; held in memory
 * @param freeExpansionBytes uncompressed bytes up to which any compression ratio is fine
 * @param maxExpansion highest ratio of uncompressed to compressed bytes beyond that
 */
public record ConversionLimits(
    long maxUncompressedBytes,
    long maxEntries,
    int maxHeaderBytes,
    long freeExpansionBytes,
    int maxExpansion) {

  /** Wide enough for every image that people are known to use: 256 GiB, a million entries. */
  public static final ConversionLimits DEFAULT =
      new ConversionLimits(256L << 30, 1_000_000, 1 << 20, 1L << 30, 200);

  public ConversionLimits {
    if (maxUncompressedBytes < 1
        || maxEntries < 1
        || maxHeaderBytes < 1
        || freeExpansionBytes < 0
        || maxExpansion < 1) {
      throw new IllegalArgumentException(
          "conversion limits must be positive: %d bytes, %d entries, %d header bytes, %d free bytes, ratio %d"
              .formatted(
                  maxUncompressedBytes,
                  maxEntries,
                  maxHeaderBytes,
                  freeExpansionBytes,
                  maxExpansion));
    }
  }

  /**
   * Looks whether what was read of a layer is more than it may be.
   *
   * @param uncompressed bytes so far
   * @param compressed bytes that they came from
   * @throws LayerTooLargeException if it is
   */
  void check(long uncompressed, long compressed) {
    if (uncompressed > maxUncompressedBytes) {
      throw new LayerTooLargeException(
          "the layer is longer than %d bytes uncompressed; allowed are at most as many"
              .formatted(maxUncompressedBytes));
    }
    if (uncompressed > freeExpansionBytes && uncompressed / maxExpansion > compressed) {
      throw new LayerTooLargeException(
          "%d bytes of the layer expand to %d; beyond %d bytes at most %d times as many are allowed"
              .formatted(compressed, uncompressed, freeExpansionBytes, maxExpansion));
    }
  }
}
