package io.lighter.conversion;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which entries of a layer go in front of the landmark, in their order.
 *
 * <p>An entry takes along what it means nothing without, in front of itself: its parent directories
 * and the target of a hard link, as far as the layer has them, and the whiteouts at or above its
 * path, which would remove it if they came behind. Several entries of one path stay together and in
 * order, because the last of them counts.
 *
 * @param order ordinals
 * @param prefetched what the conversion is going to report
 */
record PrefetchPlan(List<Integer> order, Prefetched prefetched) {

  /** Makes a plan of what an index has found. */
  static PrefetchPlan of(LayerIndex index, long maxBytes) {
    return new Planner(index, maxBytes).plan();
  }

  /** The entries of the plan as a set. */
  BitSet set() {
    var set = new BitSet();
    order.forEach(set::set);
    return set;
  }

  private static final class Planner {
    private final LayerIndex index;
    private final long maxBytes;
    private final List<Integer> order = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private final Set<String> omitted = new LinkedHashSet<>();
    private final Set<PrefetchList.Item> matched = new LinkedHashSet<>();
    private long bytes;

    Planner(LayerIndex index, long maxBytes) {
      this.index = index;
      this.maxBytes = maxBytes;
    }

    PrefetchPlan plan() {
      for (int i = 0; i < index.items().size(); i++) {
        if (index.isMatched(i)) {
          matched.add(index.items().get(i));
        }
        index.matches(i).forEach(ordinal -> take(index.path(ordinal)));
      }
      return new PrefetchPlan(
          List.copyOf(order), new Prefetched(0, order.size(), bytes, omitted, matched));
    }

    private void take(String path) {
      if (taken.contains(path)) {
        return;
      }
      Set<String> needed = needed(path);
      var entries = new ArrayList<Integer>();
      needed.forEach(p -> entries.addAll(index.entries(p)));
      long more = entries.stream().mapToLong(index::length).sum();
      if (more > maxBytes - bytes) {
        omitted.add(path);
        return;
      }
      bytes += more;
      taken.addAll(needed);
      // The target of a hard link is always an earlier entry than the link.
      entries.sort(Comparator.comparingInt(this::rank).thenComparing(Comparator.naturalOrder()));
      order.addAll(entries);
    }

    /** Directories from the root down, in each a whiteout in front of what it would remove. */
    private int rank(int ordinal) {
      String path = index.path(ordinal);
      boolean whiteout = Whiteouts.isWhiteout(path);
      if (!whiteout && !index.isDirectory(ordinal)) {
        return Integer.MAX_VALUE;
      }
      int depth = path.isEmpty() ? 0 : 1 + (int) path.chars().filter(c -> c == '/').count();
      return 2 * depth + (whiteout ? 0 : 1);
    }

    /** Paths of the layer that go with a path, itself included, without those already taken. */
    private Set<String> needed(String path) {
      var needed = new LinkedHashSet<String>();
      var open = new ArrayDeque<String>(List.of(path));
      while (!open.isEmpty()) {
        String next = open.remove();
        List<Integer> entries = index.entries(next);
        if (entries.isEmpty() || taken.contains(next) || !needed.add(next)) {
          continue;
        }
        for (int ordinal : entries) {
          index.linkTarget(ordinal).ifPresent(open::add);
        }
        for (String at = next; !at.isEmpty(); at = parent(at)) {
          open.add(sibling(at, Whiteouts.PREFIX + at.substring(at.lastIndexOf('/') + 1)));
          open.add(sibling(at, Whiteouts.OPAQUE));
          open.add(parent(at));
        }
      }
      return needed;
    }

    private static String parent(String path) {
      return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static String sibling(String path, String name) {
      return path.substring(0, path.lastIndexOf('/') + 1) + name;
    }
  }
}
