package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * What a log line says beside its message, as names and values. Given to a logger as an argument:
 * {@code LOG.info("request", fields)}. A server that logs each request does not want a list of
 * boxed values for each, so the fields write themselves.
 */
@FunctionalInterface
public interface LogFields {

  /** Writes each field, in order. May be called more than once, or never. */
  void writeTo(Sink to);

  /** Where fields are written to. Names are plain words; a text may be anything. */
  interface Sink {
    /** A field that is words. */
    void text(String name, String value);

    /** A field that is a whole number. */
    void number(String name, long value);

    /** A field that is a number with a fraction. */
    void number(String name, double value);

    /** A field that is true or false. */
    void flag(String name, boolean value);

    /** A field without a value. */
    void none(String name);
  }

  /** What an event says before its fields. */
  static String message(ILoggingEvent event) {
    String message = event.getMessage();
    // To look for places in a message that has none costs as much as the rest of its line.
    return message != null && message.indexOf('{') < 0
        ? message
        : String.valueOf(event.getFormattedMessage());
  }

  /** All fields of an event: its arguments', those that a library gave it, and its thread's. */
  static void write(ILoggingEvent event, Sink to) {
    Object[] arguments = event.getArgumentArray();
    if (arguments != null) {
      for (Object argument : arguments) {
        if (argument instanceof LogFields fields) {
          fields.writeTo(to);
        }
      }
    }
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        write(pair, to);
      }
    }
    for (Map.Entry<String, String> entry : event.getMDCPropertyMap().entrySet()) {
      to.text(entry.getKey(), entry.getValue());
    }
  }

  private static void write(KeyValuePair pair, Sink to) {
    switch (pair.value) {
      case Integer number -> to.number(pair.key, number.longValue());
      case Long number -> to.number(pair.key, number);
      case Double number -> to.number(pair.key, number);
      case Boolean flag -> to.flag(pair.key, flag);
      case null -> to.none(pair.key);
      default -> to.text(pair.key, pair.value.toString());
    }
  }
}
