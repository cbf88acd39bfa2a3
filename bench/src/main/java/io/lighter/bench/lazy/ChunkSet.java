package io.lighter.bench.lazy;

import io.lighter.bench.load.ByteRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which chunks of a layer a node has. Not thread-safe. */
final class ChunkSet {
  private final LazyLayer layer;
  private final BitSet there = new BitSet();

  ChunkSet(LazyLayer layer) {
    this.layer = layer;
  }

  /** Takes in whole chunks. */
  void add(ByteRange chunks) {
    there.set(chunk(chunks.first()), chunk(chunks.last()) + 1);
  }

  /** What is not there of some chunks; neighbours are one range. */
  List<ByteRange> missing(ByteRange chunks) {
    var missing = new ArrayList<ByteRange>();
    int end = chunk(chunks.last()) + 1;
    int at = there.nextClearBit(chunk(chunks.first()));
    while (at < end) {
      int next = there.nextSetBit(at);
      int stop = next < 0 ? end : Math.min(next, end);
      missing.add(layer.chunks(at * LazyLayer.CHUNK, (stop - at) * LazyLayer.CHUNK));
      at = there.nextClearBit(stop);
    }
    return missing;
  }

  private static int chunk(long position) {
    return Math.toIntExact(position / LazyLayer.CHUNK);
  }
}
