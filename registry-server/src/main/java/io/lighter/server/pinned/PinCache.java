package io.lighter.server.pinned;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.lighter.oci.Digest;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Pins of one kind, bounded by bytes; which of them stay is decided by how often they are read
 * (W-TinyLFU). Thread-safe, never blocks.
 */
final class PinCache {
  private final Cache<Key, Pin> pins;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /**
   * A stretch of a blob.
   *
   * @param number tells the stretches of one blob apart
   */
  record Key(Digest digest, long number) {}

  /**
   * No pins.
   *
   * @param executor lets go of pins; freeing large ones takes long
   */
  PinCache(long bytes, Executor executor) {
    pins =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .<Key, Pin>weigher((_, pin) -> pin.length())
            .executor(executor)
            .<Key, Pin>removalListener((_, pin, _) -> {
              if (pin != null) {
                pin.release();
              }
            })
            .build();
  }

  @Nullable Pin get(Key key) {
    return pins.getIfPresent(key);
  }

  /** Like {@link Pin#slice} of the pin of this key, if it has the position; counted. */
  @Nullable ByteBuf read(Key key, long position, long most) {
    Pin pin = get(key);
    ByteBuf bytes = pin != null && pin.contains(position) ? pin.slice(position, most) : null;
    (bytes == null ? misses : hits).increment();
    return bytes;
  }

  /** Reads that found what they wanted. */
  long hits() {
    return hits.sum();
  }

  /** Reads that did not. */
  long misses() {
    return misses.sum();
  }

  void put(Key key, Pin pin) {
    pins.put(key, pin);
  }

  void remove(Digest digest) {
    pins.asMap().keySet().removeIf(key -> key.digest().equals(digest));
  }

  /** The blobs that have pins. */
  Set<Digest> digests() {
    return Set.copyOf(pins.asMap().keySet().stream().map(Key::digest).toList());
  }

  /** The blobs that are read most, the first one most of all. */
  List<Digest> hottest(int most) {
    return eviction().hottest(most).keySet().stream().map(Key::digest).distinct().toList();
  }

  /** Bytes that are pinned. */
  long bytes() {
    return eviction().weightedSize().orElse(0);
  }

  /** Sets how many bytes there may be. */
  void allow(long bytes) {
    eviction().setMaximum(Math.max(0, bytes));
  }

  void clear() {
    pins.invalidateAll();
  }

  private Policy.Eviction<Key, Pin> eviction() {
    return pins.policy().eviction().orElseThrow();
  }
}
