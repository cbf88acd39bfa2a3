package io.lighter.conversion;

import java.util.Arrays;

/**
 * Where the gzip members of a blob are, and which of its uncompressed bytes they hold. Members
 * without any are left out. Takes 20 bytes for each; not thread-safe.
 */
final class MemberMap {

  private final long most;
  private long[] packed = new long[1024];
  private int[] packedLengths = new int[1024];
  private long[] plain = new long[1025];
  private int count;

  /**
   * A map without members.
   *
   * @param most how many it takes
   */
  MemberMap(long most) {
    this.most = most;
  }

  /**
   * Adds the next member.
   *
   * @param position where it begins in the blob
   * @param length bytes that it has there
   * @param plainLength bytes that it uncompresses to
   * @throws LayerTooLargeException if there are more than the map takes
   */
  void add(long position, long length, long plainLength) {
    if (plainLength == 0) {
      return;
    }
    if (count == most) {
      throw new LayerTooLargeException(
          "the layer has more than %d gzip members; allowed are as many".formatted(most));
    }
    if (count == packed.length) {
      packed = Arrays.copyOf(packed, 2 * count);
      packedLengths = Arrays.copyOf(packedLengths, 2 * count);
      plain = Arrays.copyOf(plain, 2 * count + 1);
    }
    packed[count] = position;
    packedLengths[count] = (int) Math.min(length, Integer.MAX_VALUE);
    plain[count + 1] = plain[count] + plainLength;
    count++;
  }

  /** Length of everything that the members uncompress to. */
  long plainEnd() {
    return plain[count];
  }

  /** Number of the member that has the uncompressed byte of this position, which is there. */
  int at(long plainPosition) {
    int found = Arrays.binarySearch(plain, 0, count, plainPosition);
    return found < 0 ? -found - 2 : found;
  }

  /** Position in the blob. */
  long position(int member) {
    return packed[member];
  }

  /** Length in the blob; the largest integer stands for all that are longer. */
  int length(int member) {
    return packedLengths[member];
  }

  /** Position of its first byte among the uncompressed ones. */
  long plainStart(int member) {
    return plain[member];
  }

  /** Length of what it uncompresses to. */
  long plainLength(int member) {
    return plain[member + 1] - plain[member];
  }
}
