package io.lighter.server.observe;

import io.lighter.server.trace.TraceContext;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line for each request that was slow, with where its time went. Slow is one whose answer was
 * decided late, or whose body took longer than the threshold and went slower than a client that is
 * on the same continent would have it. Thread-safe.
 */
public final class SlowRequests {
  private static final Logger LOG = LoggerFactory.getLogger("io.lighter.slow");

  /** A body that is faster than this is only large. */
  private static final long FAST_BYTES_PER_SECOND = 1 << 20;

  private final long threshold;

  /**
   * @param threshold how long a request may take; zero for any time, and no lines
   */
  public SlowRequests(Duration threshold) {
    this.threshold = threshold.toNanos();
  }

  /** Writes the line if the request was slow. */
  public void log(RequestRecord request) {
    if (threshold == 0 || request.duration().toNanos() < threshold || isOnlyLarge(request)) {
      return;
    }
    RequestRecord.Timing timing = request.timing();
    LOG.atWarn()
        .addKeyValue("id", request.id())
        .addKeyValue("method", LogText.line(request.method()))
        .addKeyValue("uri", LogText.line(request.uri()))
        .addKeyValue("status", request.status())
        .addKeyValue("bytes", request.bytes())
        .addKeyValue("ms", millis(request.duration().toNanos()))
        .addKeyValue("waited", millis(timing.waited()))
        .addKeyValue("decided", millis(timing.decided()))
        .addKeyValue("sent", millis(sending(request)))
        .addKeyValue(TraceContext.LOG_KEY, request.trace())
        .log("slow request");
  }

  private boolean isOnlyLarge(RequestRecord request) {
    RequestRecord.Timing timing = request.timing();
    double seconds = sending(request) / 1e9;
    return timing.waited() + timing.decided() < threshold
        && request.bytes() > seconds * FAST_BYTES_PER_SECOND;
  }

  private static long sending(RequestRecord request) {
    RequestRecord.Timing timing = request.timing();
    return Math.max(0, request.duration().toNanos() - timing.waited() - timing.decided());
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1000.0) / 1000.0;
  }
}
