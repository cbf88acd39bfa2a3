package io.lighter.server.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
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
    var output = new LogOutput(new FileOutputStream(FileDescriptor.out));
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender(context, output, true));
    Logger access = context.getLogger("access");
    access.setLevel(accessLog ? Level.INFO : Level.OFF);
    access.setAdditive(false);
    access.addAppender(appender(context, output, false));
    // Calls every client that leaves in the middle of a file an error, with a stack trace. Lazy
    // clients do that all the time, and the access log has it as status 499.
    context.getLogger("io.vertx.core.net.impl.VertxConnection").setLevel(Level.OFF);
  }

  private LineAppender appender(LoggerContext context, LogOutput output, boolean flushes) {
    LineFormat format =
        switch (this) {
          case TEXT -> new TextLines();
          case JSON -> new JsonLines();
        };
    var appender = new LineAppender(format, output, flushes);
    appender.setContext(context);
    appender.start();
    return appender;
  }
}
