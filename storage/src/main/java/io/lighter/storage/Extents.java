package io.lighter.storage;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A set of bytes of a blob, kept as the fewest extents that cover it. Extents that touch are one.
 *
 * <p>Not thread-safe.
 */
public final class Extents implements Iterable<Extent> {

  /** End of each extent by its first byte; none touches another. */
  private final NavigableMap<Long, Long> ends = new TreeMap<>();

  private long bytes;

  /** The same set, independent of this one. */
  public Extents copy() {
    var copy = new Extents();
    copy.ends.putAll(ends);
    copy.bytes = bytes;
    return copy;
  }

  public boolean isEmpty() {
    return ends.isEmpty();
  }

  /** Number of bytes in the set. */
  public long bytes() {
    return bytes;
  }

  /** Position after the last byte of the set; 0 if it is empty. */
  public long end() {
    return ends.isEmpty() ? 0 : ends.lastEntry().getValue();
  }

  public void add(Extent added) {
    long first = added.first();
    long end = added.end();
    Map.Entry<Long, Long> before = ends.floorEntry(first);
    if (before != null && before.getValue() >= first) {
      first = before.getKey();
    }
    for (var touched = ends.ceilingEntry(first);
        touched != null && touched.getKey() <= end;
        touched = ends.ceilingEntry(first)) {
      end = Math.max(end, touched.getValue());
      drop(touched);
    }
    ends.put(first, end);
    bytes += end - first;
  }

  public void remove(Extent removed) {
    Map.Entry<Long, Long> at = ends.floorEntry(removed.first());
    if (at == null || at.getValue() <= removed.first()) {
      at = ends.higherEntry(removed.first());
    }
    while (at != null && at.getKey() < removed.end()) {
      drop(at);
      if (at.getKey() < removed.first()) {
        add(new Extent(at.getKey(), removed.first()));
      }
      if (at.getValue() > removed.end()) {
        add(new Extent(removed.end(), at.getValue()));
      }
      at = ends.higherEntry(Math.max(at.getKey(), removed.first()));
    }
  }

  /** Number of bytes from this position on that are in the set without a gap; 0 if it is not. */
  public long lengthFrom(long position) {
    Map.Entry<Long, Long> at = ends.floorEntry(position);
    return at == null ? 0 : Math.max(0, at.getValue() - position);
  }

  public boolean containsAll(Extent wanted) {
    return lengthFrom(wanted.first()) >= wanted.length();
  }

  /** The first part of {@code within} that is not in the set. */
  public Optional<Extent> firstGap(Extent within) {
    long first = within.first() + lengthFrom(within.first());
    if (first >= within.end()) {
      return Optional.empty();
    }
    Long next = ends.higherKey(first);
    return Optional.of(
        new Extent(first, next == null ? within.end() : Math.min(next, within.end())));
  }

  /** Every part of {@code within} that is not in the set, in order. */
  public List<Extent> gaps(Extent within) {
    var gaps = new ArrayList<Extent>();
    var gap = firstGap(within);
    while (gap.isPresent()) {
      gaps.add(gap.get());
      long end = gap.get().end();
      gap = end < within.end() ? firstGap(new Extent(end, within.end())) : Optional.empty();
    }
    return gaps;
  }

  /** The extents in order. Not to be used after a change. */
  @Override
  public Iterator<Extent> iterator() {
    return ends.entrySet().stream()
        .map(entry -> new Extent(entry.getKey(), entry.getValue()))
        .iterator();
  }

  @Override
  public String toString() {
    return ends.toString();
  }

  private void drop(Map.Entry<Long, Long> extent) {
    ends.remove(extent.getKey());
    bytes -= extent.getValue() - extent.getKey();
  }
}
