package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** Writes log events as lines to an output. Thread-safe. */
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LineFormat format;
  private final LogOutput output;
  private final boolean flushes;

  /** Nearly always there is one thread at a time that logs. */
  private final AtomicReference<LineBuffer> spare = new AtomicReference<>();

  /**
   * @param flushes whether each line goes out at once, and with it all that were held back
   */
  LineAppender(LineFormat format, LogOutput output, boolean flushes) {
    this.format = format;
    this.output = output;
    this.flushes = flushes;
  }

  @Override
  protected void append(ILoggingEvent event) {
    LineBuffer line = spare.getAndSet(null);
    if (line == null) {
      line = new LineBuffer();
    }
    format.write(event, line.text());
    try {
      line.writeTo(output);
      if (flushes) {
        output.flush();
      }
    } catch (IOException _) {
      return; // There is no other place to say so. The next line may have more luck.
    }
    if (line.isSmall()) {
      spare.set(line);
    }
  }
}
