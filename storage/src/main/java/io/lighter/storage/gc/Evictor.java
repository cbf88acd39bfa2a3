package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.Throttle;
import io.lighter.storage.gc.EvictionIndex.Part;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps cached content within its limits, while the registry serves. What costs least goes first:
 * blobs that have arrived in part and that nobody is fetching, then blobs that nothing names, then
 * the images that were not used for the longest time, and at last the originals of images whose
 * converted content is in use.
 *
 * <p>An image goes in one change of the metadata, and its bytes after that; so a crash leaves at
 * most bytes that the index has given up, which the next eviction, or the next garbage collection,
 * begins with.
 *
 * <p>Thread-safe; one eviction at a time, on the thread of the caller.
 */
public final class Evictor {
  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  /** What was used that lately is in use; also the time that a push has from a blob to its link. */
  public static final Duration QUIET = Duration.ofSeconds(5);

  /**
   * A download that rested that long goes when space is needed; sooner it may be taken up again.
   */
  private static final Duration PARTIAL_QUIET = Duration.ofMinutes(10);

  /** Blobs that nothing names are downloads whose image was evicted before they came to an end. */
  private static final Duration UNNAMED_GRACE = Duration.ofMinutes(10);

  /** Bounds the memory of a survey of all images. */
  private static final int OLDEST = 500;

  private static final int BURIALS = 50;

  private final EvictionIndex index;
  private final GarbageIndex garbage;
  private final GarbageFiles files;
  private final CacheSpace space;
  private volatile CacheLimits limits;
  private final KeepTimes times;
  private final Throttle removals;
  private final Clock clock;
  private final Runnable removed;
  private final ReentrantLock running = new ReentrantLock();

  /**
   * An evictor.
   *
   * @param removalsPerSecond how many blobs are removed in a second at most
   * @param removed called after things were removed from repositories, so that whoever remembers
   *     what is readable forgets it; must not fail
   */
  public Evictor(
      EvictionIndex index,
      GarbageIndex garbage,
      GarbageFiles files,
      CacheSpace space,
      CacheLimits limits,
      KeepTimes times,
      int removalsPerSecond,
      Clock clock,
      Runnable removed) {
    this.index = index;
    this.garbage = garbage;
    this.files = files;
    this.space = space;
    this.limits = limits;
    this.times = times;
    this.removals = new Throttle(removalsPerSecond);
    this.clock = clock;
    this.removed = removed;
  }

  /** What cached content is kept within. */
  public CacheLimits limits() {
    return limits;
  }

  /** Keeps cached content within other limits from now on; what is over them goes the next time. */
  public void replace(CacheLimits next) {
    limits = next;
  }

  /** How far cached content is from its limits now. */
  public Pressure pressure() {
    return Pressure.of(limits, index.use(), space, 0);
  }

  /**
   * The images that would go first, if any had to: those that may go as a whole, then those whose
   * converted content is in use and stays. Looks at all of them.
   *
   * @param limit at most this many, and no more than {@value #OLDEST}
   */
  public List<CachedImage> next(int limit) {
    var order = new LinkedHashMap<Name, CachedImage>();
    for (Part part : Part.values()) {
      for (CachedImage image : index.oldest(part, restraint(), Math.min(limit, OLDEST))) {
        order.putIfAbsent(new Name(image.repository(), image.digest()), image);
      }
    }
    return order.values().stream().limit(Math.min(limit, OLDEST)).toList();
  }

  /**
   * Evicts as much as is needed, if anything is.
   *
   * @param each is told of every image that was evicted
   * @return what was done; empty if an eviction is under way already
   */
  public Optional<EvictionTotals> run(Consumer<Evicted> each) {
    if (!running.tryLock()) {
      return Optional.empty();
    }
    try {
      return Optional.of(relieve(pressure(), each));
    } finally {
      running.unlock();
    }
  }

  /**
   * Evicts until there is room for so many bytes above what stays free, or nothing if all that is
   * cached would not be enough. Waits for an eviction that is under way.
   *
   * @param each is told of every image that was evicted
   * @return whether there is
   */
  public boolean makeRoom(long bytes, Consumer<Evicted> each) {
    running.lock();
    try {
      Pressure before = Pressure.of(limits, index.use(), space, bytes);
      return before.excess() <= before.cached() && relieve(before, each).enough();
    } finally {
      running.unlock();
    }
  }

  private EvictionTotals relieve(Pressure before, Consumer<Evicted> each) {
    return before.reason().isEmpty() ? EvictionTotals.NONE : new Run(each).run(before);
  }

  /**
   * Says what an eviction would do now, except for downloads that rest and blobs that nothing
   * names. What several images share is counted for none of them, so that a real eviction may need
   * fewer.
   *
   * @param each is told of every image that would be evicted
   */
  public EvictionTotals dryRun(Consumer<CachedImage> each) {
    Pressure now = pressure();
    var totals = new EvictionTotals(now.reason(), now.excess(), 0, 0, 0, 0);
    var told = new HashSet<Name>();
    for (Part part : Part.values()) {
      if (totals.enough()) {
        break;
      }
      for (CachedImage image : index.oldest(part, restraint(), OLDEST)) {
        // Of what would be gone as a whole the original would be gone too.
        if (!totals.enough() && told.add(new Name(image.repository(), image.digest()))) {
          totals = totals.plus(image);
          each.accept(image);
        }
      }
    }
    return totals;
  }

  /**
   * Evicts one image however lately it was used. Converted content that is leased stays.
   *
   * @return empty if there is no such image, or bytes of it, or of its lazy view, arrived at this
   *     moment
   */
  public Optional<Evicted> drop(CachedImage image) {
    var all = new EvictionIndex.Restraint(limits.convertedLease(), Instant.MAX);
    Optional<Evicted> evicted = Optional.empty();
    for (Part part : Part.values()) {
      if (evicted.isEmpty()) {
        evicted = index.evict(image, part, all, removed);
      }
    }
    evicted.ifPresent(gone -> gone.blobs().forEach(blob -> files.removeDoomed(blob.digest())));
    return evicted;
  }

  /** Ends an eviction that is under way soon, and every later one at once. */
  public void stop() {
    removals.stop();
  }

  private EvictionIndex.Restraint restraint() {
    return new EvictionIndex.Restraint(limits.convertedLease(), clock.instant().minus(QUIET));
  }

  private record Name(RepositoryName repository, Digest digest) {}

  private final class Run {
    private final Consumer<Evicted> each;
    private EvictionTotals totals = EvictionTotals.NONE;

    Run(Consumer<Evicted> each) {
      this.each = each;
    }

    EvictionTotals run(Pressure before) {
      try {
        bury();
        int partials = space.removePartials(clock.instant().minus(PARTIAL_QUIET));
        long gone = partials > 0 ? before.cached() - pressure().cached() : 0;
        long excess = Math.max(0, before.excess() - gone);
        totals = new EvictionTotals(before.reason(), excess, 0, 0, 0, partials);
        removeUnnamed();
        for (Part part : Part.values()) {
          evict(part);
        }
      } catch (Throttle.StoppedException _) {
        LOG.info("eviction was stopped");
      }
      return totals;
    }

    private boolean isDone() {
      removals.accept(0);
      return totals.enough();
    }

    /** Removes bytes that a run before this one could not. */
    private void bury() {
      List<Garbage.Blob> doomed;
      do {
        doomed = garbage.doomed(BURIALS);
        doomed.forEach(blob -> files.removeDoomed(blob.digest()));
        removals.accept(doomed.size());
      } while (!doomed.isEmpty());
    }

    private void removeUnnamed() {
      if (isDone()) {
        return;
      }
      Duration grace = times.grace().compareTo(UNNAMED_GRACE) < 0 ? times.grace() : UNNAMED_GRACE;
      var soon = new KeepTimes(grace, times.retention());
      var unnamed = new ArrayList<Garbage>();
      garbage.scan(
          GarbageIndex.Kind.BLOB,
          soon,
          false,
          found -> {
            unnamed.add(found);
            if (unnamed.size() == BURIALS) {
              remove(unnamed, soon);
            }
          });
      remove(unnamed, soon);
    }

    private void remove(List<Garbage> unnamed, KeepTimes soon) {
      for (Garbage gone : garbage.remove(unnamed, soon, removed)) {
        if (gone instanceof Garbage.Blob blob && files.removeDoomed(blob.digest())) {
          totals = totals.plus(blob);
        }
      }
      removals.accept(unnamed.size());
      unnamed.clear();
    }

    /** Again as long as something goes: what an image shared goes with the last that shared it. */
    private void evict(Part part) {
      boolean progress = true;
      while (progress && !isDone()) {
        progress = false;
        for (CachedImage image : index.oldest(part, restraint(), OLDEST)) {
          if (isDone()) {
            break;
          }
          Optional<Evicted> evicted = index.evict(image, part, restraint(), removed);
          evicted.ifPresent(this::removeBytes);
          progress |= evicted.isPresent();
        }
      }
    }

    private void removeBytes(Evicted evicted) {
      evicted.blobs().forEach(blob -> files.removeDoomed(blob.digest()));
      totals = totals.plus(evicted);
      each.accept(evicted);
      removals.accept(1 + evicted.blobs().size());
    }
  }
}
