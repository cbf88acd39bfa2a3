package io.lighter.server.observe;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object for each log event, key-values flattened into it. Logback's own JSON encoder
 * nests them in a list and writes numbers as text, which no log store can query.
 */
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {
  private final JsonFactory factory = new JsonFactory();

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    var line = new StringWriter(256);
    try (JsonGenerator json =
        factory.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty("time", event.getInstant().toString());
      json.writeStringProperty("level", event.getLevel().toString());
      json.writeStringProperty("logger", event.getLoggerName());
      json.writeStringProperty("message", event.getFormattedMessage());
      if (event.getKeyValuePairs() != null) {
        for (KeyValuePair pair : event.getKeyValuePairs()) {
          property(json, pair);
        }
      }
      for (Map.Entry<String, String> entry : event.getMDCPropertyMap().entrySet()) {
        json.writeStringProperty(entry.getKey(), entry.getValue());
      }
      if (event.getThrowableProxy() != null) {
        json.writeStringProperty("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      json.writeEndObject();
    }
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void property(JsonGenerator json, KeyValuePair pair) {
    json.writeName(pair.key);
    switch (pair.value) {
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      case Boolean flag -> json.writeBoolean(flag);
      case null -> json.writeNull();
      default -> json.writeString(pair.value.toString());
    }
  }
}
