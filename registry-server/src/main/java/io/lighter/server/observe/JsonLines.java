package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object for each log event, its fields flattened into it. Logback's own JSON encoder
 * nests them in a list and writes numbers as text, which no log store can query.
 */
final class JsonLines implements LineFormat {
  private final JsonFactory factory = new JsonFactory();

  @Override
  public void write(ILoggingEvent event, StringBuilder line) {
    var text = new StringWriter(512);
    try (JsonGenerator json =
        factory.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("time", event.getInstant().toString());
      json.writeStringProperty("level", event.getLevel().toString());
      json.writeStringProperty("logger", event.getLoggerName());
      json.writeStringProperty("message", LogFields.message(event));
      LogFields.write(event, new Properties(json));
      if (event.getThrowableProxy() != null) {
        json.writeStringProperty("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      json.writeEndObject();
    }
    line.append(text.getBuffer()).append('\n');
  }

  private record Properties(JsonGenerator json) implements LogFields.Sink {
    @Override
    public void text(String name, String value) {
      json.writeStringProperty(name, value);
    }

    @Override
    public void number(String name, long value) {
      json.writeNumberProperty(name, value);
    }

    @Override
    public void number(String name, double value) {
      json.writeNumberProperty(name, value);
    }

    @Override
    public void flag(String name, boolean value) {
      json.writeBooleanProperty(name, value);
    }

    @Override
    public void none(String name) {
      json.writeNullProperty(name);
    }
  }
}
