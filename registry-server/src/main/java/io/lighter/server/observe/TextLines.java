package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.util.CachingDateFormatter;

/**
 * One line for each log event, {@code 12:00:00.000 WARN Logger message name=value}, and a stack
 * trace below it if there is one. Logback's patterns say the same, at a price that each small range
 * would pay; see docs/performance.md.
 */
final class TextLines implements LineFormat {
  /** As wide as the longest name of a level. */
  private static final String BLANKS = "     ";

  private final CachingDateFormatter time = new CachingDateFormatter("HH:mm:ss.SSS");

  @Override
  public void write(ILoggingEvent event, StringBuilder line) {
    String level = event.getLevel().toString();
    String logger = event.getLoggerName();
    line.append(time.format(event.getTimeStamp()))
        .append(' ')
        .append(level)
        .append(BLANKS, 0, Math.max(0, BLANKS.length() - level.length()))
        .append(' ')
        .append(logger, logger.lastIndexOf('.') + 1, logger.length())
        .append(' ')
        .append(LogFields.message(event));
    LogFields.write(event, new Text(line));
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
  }

  private record Text(StringBuilder line) implements LogFields.Sink {
    @Override
    public void text(String name, String value) {
      begin(name).append(value);
    }

    @Override
    public void number(String name, long value) {
      begin(name).append(value);
    }

    @Override
    public void number(String name, double value) {
      begin(name).append(value);
    }

    @Override
    public void flag(String name, boolean value) {
      begin(name).append(value);
    }

    @Override
    public void none(String name) {
      begin(name).append("null");
    }

    private StringBuilder begin(String name) {
      return line.append(' ').append(name).append('=');
    }
  }
}
