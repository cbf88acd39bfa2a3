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
    LOG.warn("slow request", (LogFields) to -> write(request, to));
  }

  private static void write(RequestRecord request, LogFields.Sink to) {
    RequestRecord.Timing timing = request.timing();
    to.text("id", request.id());
    to.text("method", LogText.line(request.method()));
    to.text("uri", LogText.line(request.uri()));
    to.number("status", request.status());
    to.number("bytes", request.bytes());
    to.number("ms", millis(request.duration().toNanos()));
    to.number("waited", millis(timing.waited()));
    to.number("decided", millis(timing.decided()));
    to.number("sent", millis(sending(request)));
    if (!request.trace().isEmpty()) {
      to.text(TraceContext.LOG_KEY, request.trace());
    }
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
