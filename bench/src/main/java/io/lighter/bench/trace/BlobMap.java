package io.lighter.bench.trace;

import io.lighter.bench.lazy.LazyImage;
import io.lighter.bench.lazy.LazyLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which layers of an image stand for the blobs of a trace: those of the same digest, and of the
 * others the largest for the largest, and so on. So a trace of one image can be replayed on a
 * converted copy of it, or on another one.
 */
public final class BlobMap {
  private final Map<String, Integer> layers = new HashMap<>();
  private final int exact;

  /** Finds layers for the blobs that the trace asks for ranges of. */
  public BlobMap(Trace trace, LazyImage image) {
    var blobs = new LinkedHashMap<String, Long>();
    for (TraceEvent event : trace.events()) {
      if (event.blob().isPresent() && event.ranges().isPresent()) {
        blobs.merge(event.blob().get(), event.size().orElse(0L), Math::max);
      }
    }
    var left = new ArrayList<Integer>();
    for (int i = 0; i < image.layers().size(); i++) {
      String digest = image.layers().get(i).descriptor().digest().toString();
      if (blobs.remove(digest) != null) {
        layers.put(digest, i);
      } else {
        left.add(i);
      }
    }
    exact = layers.size();
    left.sort(Comparator.comparingLong((Integer i) -> -image.layers().get(i).size()));
    List<String> unknown =
        blobs.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    for (int i = 0; i < Math.min(left.size(), unknown.size()); i++) {
      layers.put(unknown.get(i), left.get(i));
    }
  }

  /** Number of the layer that stands for a blob. */
  OptionalInt layer(String blob) {
    return Optional.ofNullable(layers.get(blob)).map(OptionalInt::of).orElse(OptionalInt.empty());
  }

  /** How many blobs of the trace are in the image. */
  public int exact() {
    return exact;
  }

  /** How many blobs of the trace have another layer for them. */
  public int guessed() {
    return layers.size() - exact;
  }

  /** A place of the blob in the layer: the same, unless the layer ends before. */
  static long within(LazyLayer layer, long position) {
    return Math.min(position, layer.size() - 1);
  }
}
