package io.lighter.conversion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The last 51 bytes of an eStargz blob: an empty gzip member whose extra field tells where the TOC
 * begins (eStargz specification, "Footer").
 *
 * @param tocOffset position in the blob of the gzip member that holds the TOC
 */
public record Footer(long tocOffset) {

  /** Length of every footer in bytes. */
  public static final int LENGTH = 51;

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] BEFORE_OFFSET =
      HEX.parseHex("1f8b08040000000000ff" + "1a00" + "5347" + "1600");
  private static final byte[] AFTER_OFFSET =
      HEX.parseHex("53544152475a" + "010000ffff" + "0000000000000000");

  public Footer {
    if (tocOffset < 0) {
      throw new IllegalArgumentException("a TOC offset is not negative: " + tocOffset);
    }
  }

  /** The footer as it stands in a blob. */
  public byte[] bytes() {
    var bytes = Arrays.copyOf(BEFORE_OFFSET, LENGTH);
    byte[] digits = HEX.toHexDigits(tocOffset).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, bytes, BEFORE_OFFSET.length, digits.length);
    System.arraycopy(AFTER_OFFSET, 0, bytes, LENGTH - AFTER_OFFSET.length, AFTER_OFFSET.length);
    return bytes;
  }

  /**
   * Reads the footer of a blob.
   *
   * @param size length of the blob
   * @return empty as of {@link #parse}, and if the TOC would not be inside
   * @throws IOException if the blob cannot be read
   */
  static Optional<Footer> read(BlobView blob, long size) throws IOException {
    return size < LENGTH
        ? Optional.empty()
        : parse(blob.read(size - LENGTH, LENGTH)).filter(f -> f.tocOffset() < size - LENGTH);
  }

  /**
   * Reads a footer.
   *
   * @param bytes the last {@link #LENGTH} bytes of a blob
   * @return empty if they are not the footer of eStargz; its older and external variants are not
   *     recognised
   */
  public static Optional<Footer> parse(byte[] bytes) {
    int digits = BEFORE_OFFSET.length;
    int behind = LENGTH - AFTER_OFFSET.length;
    // Time, flags and system of the gzip header are the writer's choice.
    boolean valid =
        bytes.length == LENGTH
            && Arrays.equals(bytes, 0, 4, BEFORE_OFFSET, 0, 4)
            && Arrays.equals(bytes, 10, digits, BEFORE_OFFSET, 10, digits)
            && Arrays.equals(bytes, behind, LENGTH, AFTER_OFFSET, 0, AFTER_OFFSET.length);
    if (!valid) {
      return Optional.empty();
    }
    var hex = new String(bytes, digits, behind - digits, StandardCharsets.US_ASCII);
    try {
      long offset = HexFormat.fromHexDigitsToLong(hex);
      return offset < 0 ? Optional.empty() : Optional.of(new Footer(offset));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
