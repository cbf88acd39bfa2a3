package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a first look at a layer tells: what it has of a prefetch list, and what depends on what.
 * Entries are known by their ordinals, which count from 0 in the order of the archive. Not
 * thread-safe.
 */
final class LayerIndex {

  private final LayerPaths paths;
  private final List<PrefetchList.Item> items;
  private final Map<String, List<Integer>> literals = new HashMap<>();
  private final Map<Integer, PathPattern> patterns = new LinkedHashMap<>();
  private final Map<Integer, List<Integer>> matches = new HashMap<>();
  private final BitSet matched = new BitSet();
  private final PatternSteps steps = new PatternSteps(PatternSteps.MOST);

  private final List<String> names = new ArrayList<>();
  private final BitSet directories = new BitSet();
  private final BitSet replaced = new BitSet();
  private final Map<Integer, Integer> predecessors = new HashMap<>();
  private final Map<Integer, String> linkTargets = new HashMap<>();
  private long[] lengths = new long[1024];
  private long[] positions = new long[1024];

  /**
   * An index without entries.
   *
   * @param list what to look for
   */
  LayerIndex(PrefetchList list, ConversionLimits limits) {
    this.paths = new LayerPaths(limits);
    this.items = list.items();
    for (int i = 0; i < items.size(); i++) {
      PrefetchList.Item item = items.get(i);
      if (item.pattern()) {
        patterns.put(i, new PathPattern(item.path()));
      } else {
        literals.computeIfAbsent(item.path(), _ -> new ArrayList<>(1)).add(i);
      }
    }
  }

  /**
   * Takes in the next entry of the layer.
   *
   * @param position where its header stands among the uncompressed bytes of the layer
   * @throws ConversionException if the layer with this entry cannot be converted
   */
  void add(TarEntry entry, long position) {
    int ordinal = names.size();
    OptionalInt predecessor = paths.admit(entry);
    String path = LayerPaths.clean(entry.name(), entry.name());
    names.add(path);
    if (ordinal == lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * ordinal);
      positions = Arrays.copyOf(positions, 2 * ordinal);
    }
    positions[ordinal] = position;
    lengths[ordinal] = entry.length();
    directories.set(ordinal, entry.kind() == Kind.DIR);
    if (predecessor.isPresent()) {
      replaced.set(predecessor.getAsInt());
      predecessors.put(ordinal, predecessor.getAsInt());
    }
    if (entry.kind() == Kind.HARDLINK) {
      linkTargets.put(ordinal, LayerPaths.clean(entry.linkName(), entry.name()));
    }
    match(path, ordinal);
  }

  /**
   * Puts down the entry for the first item that names it. The others change nothing, and a thousand
   * patterns that match everything would need a thousand times the memory.
   */
  private void match(String path, int ordinal) {
    int first = Integer.MAX_VALUE;
    for (int item : literals.getOrDefault(path, List.of())) {
      matched.set(item);
      first = Math.min(first, item);
    }
    for (var pattern : patterns.entrySet()) {
      int item = pattern.getKey();
      boolean known = item > first && matched.get(item);
      if (!known && pattern.getValue().matches(path, steps)) {
        matched.set(item);
        first = Math.min(first, item);
      }
    }
    if (first != Integer.MAX_VALUE) {
      matches.computeIfAbsent(first, _ -> new ArrayList<>(1)).add(ordinal);
    }
  }

  /** Number of entries. */
  int size() {
    return names.size();
  }

  /** Directories that entries are in but that are no entries themselves. */
  Set<String> impliedDirectories() {
    return paths.impliedDirectories();
  }

  /** Items of the list, in its order. */
  List<PrefetchList.Item> items() {
    return items;
  }

  /** Whether an item of the list names something. */
  boolean isMatched(int item) {
    return matched.get(item);
  }

  /** Ordinals of what an item of the list names and none before it, in the order of the layer. */
  List<Integer> matches(int item) {
    return matches.getOrDefault(item, List.of());
  }

  /** Clean path of an entry. */
  String path(int ordinal) {
    return names.get(ordinal);
  }

  boolean isDirectory(int ordinal) {
    return directories.get(ordinal);
  }

  /** Length of an entry's header, payload and padding. */
  long length(int ordinal) {
    return lengths[ordinal];
  }

  /** Where an entry's header stands among the uncompressed bytes of the layer. */
  long position(int ordinal) {
    return positions[ordinal];
  }

  /** Whether a later entry has the same path, which is then what the TOC tells of. */
  boolean isReplaced(int ordinal) {
    return replaced.get(ordinal);
  }

  /** All entries of a clean path, the last first. */
  List<Integer> entries(String path) {
    var ordinals = new ArrayList<Integer>(1);
    OptionalInt last = paths.ordinal(path);
    if (last.isPresent()) {
      for (Integer at = last.getAsInt(); at != null; at = predecessors.get(at)) {
        ordinals.add(at);
      }
    }
    return ordinals;
  }

  /** Clean path that a hard link names; empty for other entries. */
  Optional<String> linkTarget(int ordinal) {
    return Optional.ofNullable(linkTargets.get(ordinal));
  }
}
