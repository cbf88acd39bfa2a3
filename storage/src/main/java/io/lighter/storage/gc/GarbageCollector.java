package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.Throttle;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what nothing keeps, while the registry serves. First the metadata, from what names to
 * what is named, then the bytes; so a crash leaves at most bytes that the index has given up, and
 * the next run begins with those. At last it walks over all files for those that the index never
 * got to know.
 *
 * <p>Thread-safe; one run at a time, on the thread of the caller, which it may keep for hours.
 */
public final class GarbageCollector {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);

  /** Removed in one change of the metadata; other changes wait for it. */
  private static final int BATCH = 50;

  /** Looking at a file costs little, but there may be millions. */
  private static final int FILES_PER_SECOND = 5000;

  private final GarbageIndex index;
  private final GarbageFiles files;
  private final BlobIndex blobs;
  private final UploadStore uploads;
  private final KeepTimes times;
  private final Throttle removals;
  private final Throttle looks = new Throttle(FILES_PER_SECOND);
  private final Clock clock;
  private final Runnable removed;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * A collector.
   *
   * @param removalsPerSecond how many things are removed in a second at most
   * @param removed called after things were removed from repositories, so that whoever remembers
   *     what is readable forgets it; must not fail
   */
  public GarbageCollector(
      GarbageIndex index,
      GarbageFiles files,
      BlobIndex blobs,
      UploadStore uploads,
      KeepTimes times,
      int removalsPerSecond,
      Clock clock,
      Runnable removed) {
    this.index = index;
    this.files = files;
    this.blobs = blobs;
    this.uploads = uploads;
    this.times = times;
    this.removals = new Throttle(removalsPerSecond);
    this.clock = clock;
    this.removed = removed;
  }

  /**
   * Collects garbage.
   *
   * @param dryRun whether only to say what would be removed
   * @param each is told of everything that was, or would be, removed
   * @return the totals; empty if a collection is under way already, and nothing was done
   */
  public Optional<GarbageTotals> run(boolean dryRun, Consumer<Garbage> each) {
    if (!running.compareAndSet(false, true)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Run(dryRun, each).run());
    } finally {
      running.set(false);
    }
  }

  /** Ends a run that is under way soon, and every later one at once. */
  public void stop() {
    removals.stop();
    looks.stop();
  }

  private final class Run {
    private final boolean dry;
    private final Consumer<Garbage> each;
    private final List<Garbage> batch = new ArrayList<>();
    private GarbageTotals totals = GarbageTotals.NONE;

    Run(boolean dry, Consumer<Garbage> each) {
      this.dry = dry;
      this.each = each;
    }

    GarbageTotals run() {
      long startedAt = System.nanoTime();
      boolean complete = false;
      try {
        index.writeLeases();
        bury();
        for (GarbageIndex.Kind kind : GarbageIndex.Kind.values()) {
          index.scan(kind, times, dry, this::found);
          removeBatch();
        }
        checkStopped();
        files.walk(new Orphans());
        if (!dry) {
          index.dropEndedLeases(times);
        }
        complete = true;
      } catch (Throttle.StoppedException _) {
        LOG.info("garbage collection was stopped; the next one goes on");
      }
      return totals.ended(complete, Duration.ofNanos(System.nanoTime() - startedAt));
    }

    /** Removes bytes that a run before this one could not. */
    private void bury() {
      List<Garbage.Blob> doomed;
      do {
        checkStopped();
        doomed = index.doomed(dry ? Integer.MAX_VALUE : BATCH);
        doomed.forEach(dry ? this::note : this::removeBytes);
      } while (!dry && !doomed.isEmpty());
    }

    private void found(Garbage garbage) {
      checkStopped();
      if (dry) {
        note(garbage);
        return;
      }
      batch.add(garbage);
      if (batch.size() == BATCH) {
        removeBatch();
      }
    }

    private void removeBatch() {
      if (batch.isEmpty()) {
        return;
      }
      List<Garbage> gone = index.remove(batch, times, removed);
      batch.clear();
      for (Garbage garbage : gone) {
        if (garbage instanceof Garbage.Blob blob) {
          removeBytes(blob);
        } else {
          note(garbage);
        }
      }
      removals.accept(gone.size());
    }

    private void removeBytes(Garbage.Blob blob) {
      if (files.removeDoomed(blob.digest())) {
        note(blob);
      }
    }

    private void note(Garbage garbage) {
      totals = totals.plus(garbage);
      LOG.debug("{}: {}", dry ? "garbage" : "removed", garbage);
      each.accept(garbage);
    }

    private void checkStopped() {
      removals.accept(0);
    }

    /** Looks for files that nothing knows. */
    private final class Orphans implements GarbageFiles.Visitor {

      /** Its place in the index is decided in the index: a blob may be arriving just now. */
      @Override
      public void blob(Digest digest, long bytes) {
        look();
        if (blobs.find(digest).isPresent() || (dry && blobs.isDoomed(digest))) {
          return;
        }
        if (dry) {
          note(new Garbage.UnknownFile(digest, bytes));
        } else if (index.doomUnlisted(digest, bytes) && files.removeDoomed(digest)) {
          note(new Garbage.UnknownFile(digest, bytes));
          removals.accept(1);
        }
      }

      /** The file of an upload is there before the upload is noted, hence the grace. */
      @Override
      public void upload(UploadId id, long bytes, Instant modified) {
        look();
        if (modified.plus(times.grace()).isAfter(clock.instant()) || uploads.find(id).isPresent()) {
          return;
        }
        if (dry) {
          note(new Garbage.UnknownUpload(id, bytes));
          return;
        }
        files.removeUpload(id);
        note(new Garbage.UnknownUpload(id, bytes));
        removals.accept(1);
      }

      private void look() {
        looks.accept(1);
      }
    }
  }
}
