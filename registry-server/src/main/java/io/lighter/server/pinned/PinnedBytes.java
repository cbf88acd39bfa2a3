package io.lighter.server.pinned;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.conversion.LazyBounds;
import io.lighter.oci.Digest;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.Extent;
import io.lighter.storage.HotList;
import io.lighter.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that are pinned, and what decides which. TOCs have the first claim to the memory, then
 * the regions in front of landmarks, then windows that several nodes have asked for; within a kind
 * it is how often they are read. Thread-safe; only {@link #close} blocks.
 *
 * <p>A pin says nothing about who may read it: whoever asks has seen to that. It is dropped some
 * seconds after its blob was.
 */
public final class PinnedBytes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PinnedBytes.class);
  private static final int MAX_BLOBS = 100_000;
  private static final int MAX_LISTED = 10_000;
  private static final long UPKEEP_SECONDS = 10;
  private static final int ROUNDS_TO_SAVE = 6;

  /** No region may take more than this share of the memory. */
  private static final int LARGEST_SHARE = 4;

  /** What is known of a blob. */
  private sealed interface Shape {
    /** It will be looked at. */
    record Unknown() implements Shape {}

    /** It is no lazy layer. */
    record Plain() implements Shape {}

    record Lazy(LazyRegions regions) implements Shape {}
  }

  private final long limit;
  private final BlobStore blobs;
  private final HotList saved;
  private final PinCache tocs;
  private final PinCache fronts;
  private final PinCache windows;
  private final Popularity popularity = new Popularity();
  private final Cache<Digest, Shape> shapes = Caffeine.newBuilder().maximumSize(MAX_BLOBS).build();
  private final Cache<PinCache.Key, Boolean> asked =
      Caffeine.newBuilder().maximumSize(MAX_BLOBS).expireAfterWrite(1, TimeUnit.MINUTES).build();
  private int rounds; // The worker's.
  private volatile boolean closing;
  private final AtomicBoolean removed = new AtomicBoolean();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("pinned").daemon().factory());

  /** What a pin is for. */
  public enum Kind {
    TOC,
    FRONT,
    WINDOW
  }

  /**
   * Nothing pinned yet.
   *
   * @param limit most bytes that are pinned; 0 for none
   * @param saved what was read most before the last stop
   */
  public PinnedBytes(long limit, BlobStore blobs, HotList saved) {
    this.limit = limit;
    this.blobs = blobs;
    this.saved = saved;
    this.tocs = new PinCache(limit, this::free);
    this.fronts = new PinCache(limit, this::free);
    this.windows = new PinCache(limit, this::free);
  }

  /** Begins to pin what was read most before the last stop, and to keep order. */
  public void start() {
    if (limit > 0) {
      submit(() -> saved.load().forEach(this::pin));
      var _ =
          worker.scheduleWithFixedDelay(
              logged(this::keepOrder), UPKEEP_SECONDS, UPKEEP_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * The pinned bytes of a blob from a position on, at most {@code most}; to be released. Null if
   * none are. Somebody reads them now, so if they are worth it they will be pinned the next time.
   *
   * @param reader who reads, as far as one node can be told from another
   */
  public @Nullable ByteBuf find(Digest digest, long position, long most, Object reader) {
    if (limit == 0) {
      return null;
    }
    Shape shape = shapes.getIfPresent(digest);
    if (shape == null) {
      look(digest);
      return null;
    }
    if (shape instanceof Shape.Lazy(LazyRegions regions)) {
      if (position >= regions.toc().first()) {
        return region(tocs, digest, position, most);
      }
      if (position < regions.front().end()) {
        return region(fronts, digest, position, most);
      }
      return window(digest, position, most, reader);
    }
    return null;
  }

  private @Nullable ByteBuf region(PinCache cache, Digest digest, long position, long most) {
    var key = new PinCache.Key(digest, 0);
    ByteBuf bytes = cache.read(key, position, most);
    if (bytes == null && asked.asMap().putIfAbsent(key, true) == null) {
      submit(() -> pin(digest));
    }
    return bytes;
  }

  private @Nullable ByteBuf window(Digest digest, long position, long most, Object reader) {
    var key = new PinCache.Key(digest, position);
    ByteBuf bytes = windows.read(key, position, most);
    if (bytes == null
        && popularity.isPopular(key, most, reader)
        && asked.asMap().putIfAbsent(key, true) == null) {
      submit(() -> pinWindow(key, new Extent(position, position + most)));
    }
    return bytes;
  }

  /** A lazy layer was made, or is read for the first time: it is looked at soon. */
  public void look(Digest digest) {
    if (limit > 0 && shapes.asMap().putIfAbsent(digest, new Shape.Unknown()) == null) {
      submit(() -> pin(digest));
    }
  }

  /**
   * Something was removed from the store: pins of blobs that are gone go too, some seconds later.
   */
  public void blobsRemoved() {
    removed.set(true);
  }

  /** Bytes that are pinned now. */
  public long bytes(Kind kind) {
    return cache(kind).bytes();
  }

  /** Reads of lazy layers that found their bytes pinned. */
  public long hits(Kind kind) {
    return cache(kind).hits();
  }

  /** Reads that did not; those of windows are all that are neither of a TOC nor of a front. */
  public long misses(Kind kind) {
    return cache(kind).misses();
  }

  /** Most bytes that are pinned. */
  public long limit() {
    return limit;
  }

  /** Blobs with pins of a kind, the one that is read most first. Waits for nobody for long. */
  public List<Digest> hottest(Kind kind, int most) {
    return cache(kind).hottest(most);
  }

  private PinCache cache(Kind kind) {
    return switch (kind) {
      case TOC -> tocs;
      case FRONT -> fronts;
      case WINDOW -> windows;
    };
  }

  private void submit(Runnable task) {
    try {
      worker.execute(logged(task));
    } catch (RejectedExecutionException _) {
      // The server stops.
    }
  }

  /** Nothing waits for what the worker does, so nobody else would hear of its failures. */
  private static Runnable logged(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException | OutOfMemoryError e) {
        LOG.warn("something that is read often is not pinned", e);
      }
    };
  }

  private void free(Runnable release) {
    try {
      worker.execute(release);
    } catch (RejectedExecutionException _) {
      release.run(); // The server stops.
    }
  }

  private void pin(Digest digest) {
    if (closing) {
      return;
    }
    try (BlobSource blob = blobs.open(digest)) {
      if (shape(digest, blob) instanceof Shape.Lazy(LazyRegions regions)) {
        var key = new PinCache.Key(digest, 0);
        load(tocs, key, blob, regions.toc());
        load(fronts, key, blob, regions.front());
      }
    } catch (StorageException | IOException e) {
      shapes.invalidate(digest);
      LOG.debug("{} is not pinned: {}", digest, e.toString());
    }
  }

  private Shape shape(Digest digest, BlobSource blob) throws IOException {
    if (shapes.getIfPresent(digest) instanceof Shape.Lazy known) {
      return known;
    }
    Shape found =
        LazyBounds.find((position, target) -> blob.read(target, position), blob.size())
            .<Shape>map(layer -> new Shape.Lazy(LazyRegions.of(layer, blob.size())))
            .orElseGet(Shape.Plain::new);
    shapes.put(digest, found);
    return found;
  }

  private void pinWindow(PinCache.Key key, Extent extent) {
    if (closing) {
      return;
    }
    try (BlobSource blob = blobs.open(key.digest())) {
      load(windows, key, blob, extent);
    } catch (StorageException e) {
      LOG.debug("{} of {} are not pinned: {}", extent, key.digest(), e.toString());
    }
  }

  private void load(PinCache cache, PinCache.Key key, BlobSource blob, Extent extent) {
    if (extent.length() <= limit / LARGEST_SHARE && cache.get(key) == null) {
      share(extent.length());
      cache.put(key, new Pin(extent.first(), read(blob, extent)));
    }
  }

  private static ByteBuf read(BlobSource blob, Extent extent) {
    int length = (int) extent.length();
    ByteBuf bytes = Unpooled.directBuffer(length, length);
    try {
      for (int filled = 0; filled < length; ) {
        filled += blob.read(bytes.nioBuffer(filled, length - filled), extent.first() + filled);
      }
      return bytes.writerIndex(length);
    } catch (RuntimeException e) {
      bytes.release();
      throw e;
    }
  }

  /**
   * Gives each kind what those before it leave.
   *
   * @param coming bytes that are about to be pinned
   */
  private void share(long coming) {
    long rest = limit - tocs.bytes() - coming;
    fronts.allow(rest);
    windows.allow(rest - fronts.bytes());
  }

  private void keepOrder() {
    if (removed.getAndSet(false)) {
      for (Digest digest : pinned()) {
        if (blobs.stat(digest).isEmpty()) {
          tocs.remove(digest);
          fronts.remove(digest);
          windows.remove(digest);
          shapes.invalidate(digest);
        }
      }
      share(0);
    }
    if (++rounds % ROUNDS_TO_SAVE == 0) {
      save();
    }
  }

  private Set<Digest> pinned() {
    var all = new LinkedHashSet<Digest>(tocs.digests());
    all.addAll(fronts.digests());
    all.addAll(windows.digests());
    return all;
  }

  private void save() {
    Collection<Digest> hottest = new LinkedHashSet<>(fronts.hottest(MAX_LISTED));
    hottest.addAll(tocs.hottest(MAX_LISTED));
    try {
      saved.save(hottest);
    } catch (StorageException e) {
      LOG.warn("what is read most cannot be written down; after a start it is read anew", e);
    }
  }

  /** Writes down what was read most, and lets go of everything. */
  @Override
  public void close() {
    // Not by interrupts: they would close a file that others read too.
    closing = true;
    worker.shutdown();
    try {
      if (!worker.awaitTermination(UPKEEP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a region is still being read");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (limit > 0) {
      save();
    }
    tocs.clear();
    fronts.clear();
    windows.clear();
  }
}
