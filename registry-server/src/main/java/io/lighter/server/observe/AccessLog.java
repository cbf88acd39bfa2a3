package io.lighter.server.observe;

import io.lighter.server.trace.TraceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line for each request, on the logger {@code access}. Thread-safe. */
public final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("access");

  /** Writes the line. */
  public void log(RequestRecord request) {
    LOG.info("request", (LogFields) to -> write(request, to));
  }

  private static void write(RequestRecord request, LogFields.Sink to) {
    long micros = request.duration().toNanos() / 1000;
    to.text("id", request.id());
    to.text("client", request.client());
    to.text("method", LogText.line(request.method()));
    to.text("uri", LogText.line(request.uri()));
    to.number("status", request.status());
    to.number("bytes", request.bytes());
    to.number("ms", micros / 1000.0);
    if (!request.range().isEmpty()) {
      to.text("range", LogText.line(request.range()));
    }
    if (!request.userAgent().isEmpty()) {
      to.text("agent", LogText.line(request.userAgent()));
    }
    if (!request.trace().isEmpty()) {
      to.text(TraceContext.LOG_KEY, request.trace());
    }
  }
}
