package io.lighter.server.observe;

import io.lighter.server.trace.TraceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line for each request, on the logger {@code access}. What a client may write at will is cut
 * to a length and rid of characters that could make a line look like two. Thread-safe.
 */
public final class AccessLog {
  private static final int MAX_TEXT = 512;
  private static final Logger LOG = LoggerFactory.getLogger("access");

  /** Writes the line. */
  public void log(RequestRecord request) {
    long micros = request.duration().toNanos() / 1000;
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("id", request.id())
            .addKeyValue("client", request.client())
            .addKeyValue("method", printable(request.method()))
            .addKeyValue("uri", printable(request.uri()))
            .addKeyValue("status", request.status())
            .addKeyValue("bytes", request.bytes())
            .addKeyValue("ms", micros / 1000.0);
    if (!request.range().isEmpty()) {
      line = line.addKeyValue("range", printable(request.range()));
    }
    if (!request.userAgent().isEmpty()) {
      line = line.addKeyValue("agent", printable(request.userAgent()));
    }
    if (!request.trace().isEmpty()) {
      line = line.addKeyValue(TraceContext.LOG_KEY, request.trace());
    }
    line.log("request");
  }

  /** What a client wrote, as a log line may hold it. */
  public static String printable(String text) {
    if (text.length() <= MAX_TEXT && isPrintable(text)) {
      return text;
    }
    var result = new StringBuilder(MAX_TEXT + 1);
    for (int i = 0; i < Math.min(text.length(), MAX_TEXT); i++) {
      char c = text.charAt(i);
      result.append(Character.isISOControl(c) ? '?' : c);
    }
    return text.length() > MAX_TEXT ? result.append('\u2026').toString() : result.toString();
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
