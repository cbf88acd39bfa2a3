package io.lighter.bench.lazy;

import io.lighter.bench.load.ByteRange;
import io.lighter.oci.Descriptor;
import java.util.List;

/**
 * A layer as a stargz client sees it.
 *
 * @param descriptor from the manifest
 * @param path of the blob
 * @param lazy whether it has a footer and a TOC that clients take
 * @param tocOffset where the TOC begins; 0 if it is not lazy
 * @param prefetch how many bytes from the first one are fetched ahead: to the landmark; 0 if the
 *     layer says that nothing is to be
 * @param files where the content of files stands, in the order of the TOC
 */
public record LazyLayer(
    Descriptor descriptor,
    String path,
    boolean lazy,
    long tocOffset,
    long prefetch,
    List<ByteRange> files) {

  /** Chunks of this many bytes are what the client fetches and keeps. */
  public static final long CHUNK = 50_000;

  public LazyLayer {
    files = List.copyOf(files);
  }

  /** Length of the blob. */
  public long size() {
    return descriptor.size();
  }

  /** The chunks that some bytes are in, as far as the blob goes. */
  public ByteRange chunks(long first, long length) {
    long from = first / CHUNK * CHUNK;
    long end = Math.min(size(), (first + length + CHUNK - 1) / CHUNK * CHUNK);
    return new ByteRange(from, end - from);
  }

  /** The last chunk, in which the footer is. */
  public ByteRange footer() {
    return chunks(size() - 1, 1);
  }
}
