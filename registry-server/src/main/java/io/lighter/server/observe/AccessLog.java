package io.lighter.server.observe;

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
            .addKeyValue("method", request.method())
            .addKeyValue("uri", request.uri())
            .addKeyValue("status", request.status())
            .addKeyValue("bytes", request.bytes())
            .addKeyValue("ms", micros / 1000.0);
    if (!request.range().isEmpty()) {
      line = line.addKeyValue("range", request.range());
    }
    if (!request.userAgent().isEmpty()) {
      line = line.addKeyValue("agent", request.userAgent());
    }
    line.log("request");
  }
}
