package io.lighter.server.observe;

import io.lighter.server.trace.TraceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line for each request, on the logger {@code access}. Thread-safe. */
public final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("access");

  /** Writes the line. */
  public void log(RequestRecord request) {
    long micros = request.duration().toNanos() / 1000;
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("id", request.id())
            .addKeyValue("client", request.client())
            .addKeyValue("method", LogText.line(request.method()))
            .addKeyValue("uri", LogText.line(request.uri()))
            .addKeyValue("status", request.status())
            .addKeyValue("bytes", request.bytes())
            .addKeyValue("ms", micros / 1000.0);
    if (!request.range().isEmpty()) {
      line = line.addKeyValue("range", LogText.line(request.range()));
    }
    if (!request.userAgent().isEmpty()) {
      line = line.addKeyValue("agent", LogText.line(request.userAgent()));
    }
    if (!request.trace().isEmpty()) {
      line = line.addKeyValue(TraceContext.LOG_KEY, request.trace());
    }
    line.log("request");
  }
}
