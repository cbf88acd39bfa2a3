package io.lighter.conversion;

/**
 * What is to be laid out in front of a layer's landmark, where clients fetch it before a container
 * starts.
 *
 * @param list which files, and in which order
 * @param maxBytes most bytes of uncompressed tar in front of the landmark: headers, contents and
 *     padding. A file with which there would be more stays at its place, and the next is tried
 */
public record Prefetch(PrefetchList list, long maxBytes) {

  /** As much as the largest starts are known to read. */
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  public Prefetch {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "the prefetched part of a layer cannot have at most %d bytes".formatted(maxBytes));
    }
  }

  /** A list with the default limit. */
  public static Prefetch of(PrefetchList list) {
    return new Prefetch(list, DEFAULT_MAX_BYTES);
  }
}
