package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;

/** How a log event becomes a line. Thread-safe. */
@FunctionalInterface
interface LineFormat {

  /** Appends the line, with its end. */
  void write(ILoggingEvent event, StringBuilder to);
}
