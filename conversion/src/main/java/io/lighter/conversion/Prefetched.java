package io.lighter.conversion;

import java.util.Set;

/**
 * What stands in front of the landmark of a converted layer.
 *
 * @param offset position of the landmark in the blob; clients fetch what is in front of it. 0 if
 *     nothing is
 * @param entries number of tar entries in front of it
 * @param bytes their length as uncompressed tar
 * @param omitted names of files that the list asked for and that would have gone beyond the limit,
 *     as they stand in the archive
 * @param matched items of the list that the layer has something for, these files included; an item
 *     that matches in no layer of an image is likely to be a mistake
 */
public record Prefetched(
    long offset, int entries, long bytes, Set<String> omitted, Set<PrefetchList.Item> matched) {

  /** Nothing. */
  public static final Prefetched NONE = new Prefetched(0, 0, 0, Set.of(), Set.of());

  public Prefetched {
    omitted = Set.copyOf(omitted);
    matched = Set.copyOf(matched);
  }

  Prefetched at(long position) {
    return new Prefetched(position, entries, bytes, omitted, matched);
  }
}
