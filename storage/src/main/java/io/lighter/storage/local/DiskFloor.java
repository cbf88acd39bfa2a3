package io.lighter.storage.local;

import io.lighter.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on a disk that no blob may take: who wants to write one is refused before the disk is full,
 * because metadata, logs and whoever else uses the disk need some. Downloads, whose size is known,
 * claim all their room before they begin, so that none is given up half-way for lack of it.
 *
 * <p>Thread-safe. Asks the disk some times a second at most, and counts in between what is written
 * here; blocks for that, and while room is made.
 */
public final class DiskFloor {
  private static final Logger LOG = LoggerFactory.getLogger(DiskFloor.class);

  /** Others write to the disk too. */
  private static final long LOOK_EVERY = Duration.ofMillis(250).toNanos();

  private final Disk disk;
  private final long bytes;
  private final int percent;
  private final LongSupplier nanoTime;
  private final LongAdder refusals = new LongAdder();
  private volatile LongConsumer makeRoom = _ -> {};

  private long floor; // guarded by this
  private long free; // guarded by this; less what was written since the last look
  private long lookedAt; // guarded by this
  private boolean looked; // guarded by this
  private long claimed; // guarded by this
  private long refused; // guarded by this; the least that was, 0 while nothing is

  /** A disk. Thread-safe. */
  public interface Disk {
    /** Bytes that can still be written. */
    long free();

    /** Bytes that it has. */
    long total();
  }

  /**
   * A floor; with neither bytes nor a percentage there is none.
   *
   * @param bytes that stay free
   * @param percent of the disk that stays free; the larger of both counts
   * @param nanoTime as {@link System#nanoTime}
   */
  public DiskFloor(Disk disk, long bytes, int percent, LongSupplier nanoTime) {
    this.disk = disk;
    this.bytes = bytes;
    this.percent = percent;
    this.nanoTime = nanoTime;
  }

  /** No floor: the disk may be filled. */
  public static DiskFloor none() {
    return new DiskFloor(
        new Disk() {
          @Override
          public long free() {
            return Long.MAX_VALUE;
          }

          @Override
          public long total() {
            return Long.MAX_VALUE;
          }
        },
        0,
        0,
        System::nanoTime);
  }

  /**
   * Says what makes room for so many bytes. It returns when it has, or cannot; it is called by
   * whoever is about to be refused, however often that is, by many threads.
   */
  public void makeRoomBy(LongConsumer action) {
    makeRoom = action;
  }

  /** Number of times that somebody was refused. */
  public long refusals() {
    return refusals.sum();
  }

  /** Bytes that blobs may still take; 0 or less at the floor. */
  public synchronized long room() {
    if (isNone()) {
      return disk.free();
    }
    look();
    return free - claimed - floor;
  }

  /**
   * Asks for so many bytes, before or while they are written.
   *
   * @throws StorageException.BelowFloor if the disk had less than its floor then
   */
  void require(long wanted) {
    if (!isNone() && !take(wanted, 0)) {
      makeRoom.accept(wanted);
      if (!takeNow(wanted, 0)) {
        throw refusal(wanted);
      }
    }
  }

  /**
   * Asks whether so many bytes fit, of which nothing is written yet.
   *
   * @throws StorageException.BelowFloor if they do not
   */
  void expect(long wanted) {
    if (!isNone() && !fits(wanted)) {
      makeRoom.accept(wanted);
      if (!fitsNow(wanted)) {
        throw refusal(wanted);
      }
    }
  }

  /**
   * Keeps so many bytes from all others.
   *
   * @throws StorageException.BelowFloor if they do not fit
   */
  Claim claim(long wanted) {
    if (!isNone() && !take(0, wanted)) {
      makeRoom.accept(wanted);
      if (!takeNow(0, wanted)) {
        throw refusal(wanted);
      }
    }
    return new Claim(isNone() ? 0 : wanted);
  }

  private boolean isNone() {
    return bytes == 0 && percent == 0;
  }

  private synchronized boolean takeNow(long written, long toClaim) {
    looked = false;
    return take(written, toClaim);
  }

  private synchronized boolean take(long written, long toClaim) {
    if (!fits(written + toClaim)) {
      return false;
    }
    free -= written;
    claimed += toClaim;
    return true;
  }

  private synchronized boolean fitsNow(long wanted) {
    looked = false;
    return fits(wanted);
  }

  private synchronized boolean fits(long wanted) {
    look();
    long room = free - claimed - floor;
    if (refused > 0 && room >= refused) {
      refused = 0;
      LOG.info("there is room above storage.minFree again: {}", amount(room));
    }
    return room >= wanted;
  }

  private synchronized void look() {
    long now = nanoTime.getAsLong();
    if (!looked || now - lookedAt >= LOOK_EVERY) {
      free = disk.free();
      floor = Math.max(bytes, disk.total() / 100 * percent);
      lookedAt = now;
      looked = true;
    }
  }

  private synchronized StorageException.BelowFloor refusal(long wanted) {
    refusals.increment();
    if (refused == 0) {
      LOG.warn(
          "the disk has {} free, of which {} are kept free by storage.minFree and {} claimed by downloads: what is pushed beyond that is refused, and what is pulled passes through without being kept",
          amount(free),
          amount(floor),
          amount(claimed));
    }
    refused = refused == 0 ? Math.max(1, wanted) : Math.min(refused, Math.max(1, wanted));
    return new StorageException.BelowFloor(
        "the registry's disk has %s free and keeps %s of it (storage.minFree): there is no room for %s more"
            .formatted(amount(free), amount(floor + claimed), amount(wanted)));
  }

  private static String amount(long bytes) {
    return bytes < 10 << 20 ? bytes + " bytes" : (bytes >> 20) + " MiB";
  }

  /** Room that is kept for one download. Thread-safe. */
  final class Claim implements AutoCloseable {
    private long left; // guarded by the floor

    private Claim(long bytes) {
      left = bytes;
    }

    /** So many of its bytes are written. */
    void written(long count) {
      synchronized (DiskFloor.this) {
        long taken = Math.min(left, count);
        left -= taken;
        claimed -= taken;
        free -= taken;
      }
    }

    /** Lets go of the rest. */
    @Override
    public void close() {
      synchronized (DiskFloor.this) {
        claimed -= left;
        left = 0;
      }
    }
  }
}
