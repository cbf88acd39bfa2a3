package io.lighter.server.trace.otlp;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when spans do not arrive: once when that begins, then once a minute, and when it
 * is over. Thread-safe.
 */
final class LoggedExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(LoggedExporter.class);
  private static final long SILENCE = Duration.ofMinutes(1).toNanos();

  /** It would tell the same by a log of its own. Held, because a level lasts only as long. */
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private final SpanExporter exporter;
  private final URI receiver;
  private final LongSupplier nanoTime;
  private boolean failing; // guarded by this
  private long loggedAt; // guarded by this
  private long lost; // guarded by this

  LoggedExporter(SpanExporter exporter, URI receiver, LongSupplier nanoTime) {
    this.exporter = exporter;
    this.receiver = receiver;
    this.nanoTime = nanoTime;
    LIBRARY.setLevel(Level.OFF);
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> {
      if (result.isSuccess()) {
        arrived();
      } else {
        lost(count, result.getFailureThrowable());
      }
    });
  }

  private synchronized void arrived() {
    if (failing) {
      LOG.info("spans arrive at {} again; {} were lost", receiver, lost);
      failing = false;
      lost = 0;
    }
  }

  private synchronized void lost(int count, @Nullable Throwable cause) {
    lost += count;
    if (!failing || nanoTime.getAsLong() - loggedAt >= SILENCE) {
      LOG.warn(
          "spans do not arrive at {}, {} are lost: {}",
          receiver,
          lost,
          cause == null ? "it did not take them" : cause.toString());
      loggedAt = nanoTime.getAsLong();
      failing = true;
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
