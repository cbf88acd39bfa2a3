package io.lighter.server.heat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * What clients read of blobs. Ranges are counted by their place for the {@value #MOST} blobs of
 * which ranges are asked for most: only lazy clients ask for many. Bytes are counted by where they
 * came from. Thread-safe; never blocks, and allocates only for the first range of a blob.
 */
public final class BlobReads {
  /** Two KiB of counters each. */
  static final int MOST = 4096;

  private final Clock clock;
  private final Cache<Digest, BlobHeat> heat = Caffeine.newBuilder().maximumSize(MOST).build();
  private final Map<Origin, LongAdder> bytes = new EnumMap<>(Origin.class);
  private final LongAdder mirrored = new LongAdder();

  /** Where the bytes of an answer came from. */
  public enum Origin {
    /** Pinned in this process. */
    MEMORY,
    /** A file of the store, from the page cache or the disk. */
    DISK,
    /** A blob that was arriving from its upstream. */
    UPSTREAM
  }

  public BlobReads(Clock clock) {
    this.clock = clock;
    for (Origin origin : Origin.values()) {
      bytes.put(origin, new LongAdder());
    }
  }

  /**
   * Counts a range that is answered.
   *
   * @param size length of the whole blob
   */
  public void range(Digest digest, long size, long first, long length) {
    BlobHeat known = heat.getIfPresent(digest);
    if (known == null) {
      known = heat.get(digest, _ -> new BlobHeat(size, clock.instant()));
    }
    known.asked(first, length);
  }

  /**
   * Counts bytes that were sent.
   *
   * @param ofUpstream whether the repository is mirrored, so that the bytes would have come from
   *     its upstream if they had not been here
   */
  public void sent(Origin origin, long count, boolean ofUpstream) {
    adder(origin).add(count);
    if (ofUpstream) {
      mirrored.add(count);
    }
  }

  /** What was asked for of a blob; empty if no range was, or others were asked for more. */
  public Optional<BlobHeat.Snapshot> of(Digest digest) {
    return Optional.ofNullable(heat.asMap().get(digest)).map(BlobHeat::snapshot);
  }

  /** Bytes of blobs that were sent from there. */
  public long bytes(Origin origin) {
    return adder(origin).sum();
  }

  /** Bytes of blobs of mirrored repositories that were sent, wherever they came from. */
  public long mirroredBytes() {
    return mirrored.sum();
  }

  private LongAdder adder(Origin origin) {
    return Objects.requireNonNull(bytes.get(origin));
  }
}
