package io.lighter.server.heat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Arrays;

/**
 * How often each stretch of a blob was asked for. The blob is divided into {@link #STRETCHES} of
 * the same length, which is what a picture of it can show. Thread-safe; counting neither waits nor
 * allocates.
 */
public final class BlobHeat {
  /** Parts that a blob is divided into, if it has that many bytes. */
  public static final int STRETCHES = 256;

  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long size;
  private final long stretch;
  private final Instant since;

  /** One for each stretch; behind them requests, and bytes that were asked for. */
  private final long[] counts;

  /**
   * Nothing counted.
   *
   * @param size length of the blob in bytes, more than 0
   */
  BlobHeat(long size, Instant since) {
    this.size = size;
    this.since = since;
    this.stretch = Math.ceilDiv(size, STRETCHES);
    this.counts = new long[stretches() + 2];
  }

  private int stretches() {
    return (int) Math.ceilDiv(size, stretch);
  }

  /** Counts a request for bytes that lie within the blob. */
  void asked(long first, long length) {
    int last = (int) ((first + length - 1) / stretch);
    for (int i = (int) (first / stretch); i <= last; i++) {
      add(i, 1);
    }
    add(counts.length - 2, 1);
    add(counts.length - 1, length);
  }

  private void add(int index, long count) {
    // Nothing is read in the order of these counts, so nobody else has to wait for it.
    long _ = (long) COUNT.getAndAddRelease(counts, index, count);
  }

  /** What was counted so far. */
  public Snapshot snapshot() {
    var seen = new long[counts.length];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = (long) COUNT.getOpaque(counts, i);
    }
    int stretches = seen.length - 2;
    return new Snapshot(
        since, stretch, Arrays.copyOf(seen, stretches), seen[stretches], seen[stretches + 1]);
  }

  /**
   * What was asked for of a blob.
   *
   * @param since when counting began
   * @param stretch bytes of each stretch; the last one may be shorter
   * @param counts requests that touched each stretch, the first stretch first
   * @param ranges ranges that were asked for
   * @param bytes sum of their lengths
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
  public record Snapshot(Instant since, long stretch, long[] counts, long ranges, long bytes) {

    /** The most requests that touched one of the stretches from an offset to another. */
    public long hottest(long from, long to) {
      long most = 0;
      long end = Math.min(counts.length - 1, (Math.max(from + 1, to) - 1) / stretch);
      for (long i = from / stretch; i <= end; i++) {
        most = Math.max(most, counts[(int) i]);
      }
      return most;
    }
  }
}
