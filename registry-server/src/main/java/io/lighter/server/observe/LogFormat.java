package io.lighter.server.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/** How log lines look on standard output. */
public enum LogFormat {
  TEXT,
  JSON;

  /**
   * Makes all logging use this format from now on.
   *
   * @param accessLog whether requests are logged
   */
  public void install(boolean accessLog) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    Encoder<ILoggingEvent> encoder = encoder(context);
    encoder.setContext(context);
    encoder.start();
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(console);
    // Calls every client that leaves in the middle of a file an error, with a stack trace. Lazy
    // clients do that all the time, and the access log has it as status 499.
    context.getLogger("io.vertx.core.net.impl.VertxConnection").setLevel(Level.OFF);
    context.getLogger("access").setLevel(accessLog ? Level.INFO : Level.OFF);
  }

  private Encoder<ILoggingEvent> encoder(LoggerContext context) {
    return switch (this) {
      case JSON -> new JsonLineEncoder();
      case TEXT -> {
        var pattern = new PatternLayoutEncoder();
        pattern.setContext(context);
        pattern.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0} %msg %kvp{NONE}%n");
        yield pattern;
      }
    };
  }
}
