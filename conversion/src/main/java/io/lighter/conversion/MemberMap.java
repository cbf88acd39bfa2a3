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
  private long end;

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
   * @param length bytes that it has in the blob
   * @param plainLength bytes that it uncompresses to
   * @throws LayerTooLargeException if there are more than the map takes
   */
  void add(int length, int plainLength) {
    if (plainLength > 0) {
      if (count == most) {
        throw new LayerTooLargeException(
            "the layer has more than %d gzip members; allowed are as many".formatted(most));
      }
      if (count == packed.length) {
        packed = Arrays.copyOf(packed, 2 * count);
        packedLengths = Arrays.copyOf(packedLengths, 2 * count);
        plain = Arrays.copyOf(plain, 2 * count + 1);
      }
      packed[count] = end;
      packedLengths[count] = length;
      plain[count + 1] = plain[count] + plainLength;
      count++;
    }
    end += length;
  }

  /** Number of members. */
  int count() {
    return count;
  }

  /** Position in the blob behind the last member. */
  long end() {
    return end;
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

  /** Length in the blob. */
  int length(int member) {
    return packedLengths[member];
  }

  /** Position of its first byte among the uncompressed ones. */
  long plainStart(int member) {
    return plain[member];
  }
}
