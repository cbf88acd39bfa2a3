package io.lighter.conformance.startset;

/**
 * A regular file of an image.
 *
 * @param size uncompressed bytes
 * @param layer index of the layer that holds its bytes, 0 for the lowest
 * @param inode path under which the layer holds the bytes; hard links to them share it
 */
record ImageFile(long size, int layer, String inode) {

  /** Whether there is anything to fetch. */
  boolean hasContent() {
    return size > 0;
  }
}
