package io.lighter.server.convert;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * How the last conversions of images ended. In memory only: what failed for good is parked in the
 * store. Thread-safe.
 */
public final class ConversionHistory {
  /** So many are remembered. */
  static final int MOST = 200;

  private final Clock clock;
  private final Deque<Entry> entries = new ArrayDeque<>(); // the last one first; guarded by this

  /** What became of an image. */
  public enum Outcome {
    /** It has a lazy view. */
    LAZY,
    /** There was nothing to convert for now. */
    ORIGINAL
  }

  /**
   * The end of a conversion.
   *
   * @param reason why the image stays as it is; empty if it does not
   * @param took from the moment that a worker took it
   */
  public record Entry(
      RepositoryName repository,
      Digest image,
      Instant at,
      Outcome outcome,
      String reason,
      Duration took) {}

  /** Nothing has ended yet. */
  public ConversionHistory(Clock clock) {
    this.clock = clock;
  }

  synchronized void add(ConversionJob job, Outcome outcome, String reason, Duration took) {
    entries.addFirst(
        new Entry(job.repository(), job.image(), clock.instant(), outcome, reason, took));
    if (entries.size() > MOST) {
      entries.removeLast();
    }
  }

  /** Those that ended last, the last one first. */
  public synchronized List<Entry> last(int limit) {
    return entries.stream().limit(limit).toList();
  }
}
