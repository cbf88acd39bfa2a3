package io.lighter.server.config;

import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Configurations written as those who configure would write them: the components of a record are
 * keys, and what is left out stays out. Without the user that an address may have, because a
 * password may follow it.
 */
final class ConfigNodes {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ConfigNodes() {}

  static ObjectNode of(Record section) {
    ObjectNode node = NODES.objectNode();
    for (RecordComponent component : section.getClass().getRecordComponents()) {
      Object value = value(section, component);
      if (!Optional.empty().equals(value)) {
        node.set(component.getName(), node(value));
      }
    }
    return node;
  }

  private static @Nullable Object value(Record section, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true); // Some sections are known to this package only.
      return accessor.invoke(section);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("accessors of configurations only return a value", e);
    }
  }

  private static JsonNode node(@Nullable Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case Optional<?> present -> node(present.orElse(null));
      case Boolean flag -> NODES.booleanNode(flag);
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case Enum<?> choice -> NODES.stringNode(choice.name().toLowerCase(Locale.ROOT));
      case Duration duration -> NODES.stringNode(TimeSpan.text(duration));
      case URI address -> NODES.stringNode(withoutUser(address));
      case ListenAddress _, DataSize _, FreeSpace _ -> NODES.stringNode(String.valueOf(value));
      case Record section -> of(section);
      case Map<?, ?> map -> map(map);
      case Collection<?> items -> list(items);
      default -> NODES.stringNode(String.valueOf(value)); // Texts and paths.
    };
  }

  private static ObjectNode map(Map<?, ?> map) {
    var sorted = new TreeMap<String, Object>();
    map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
    ObjectNode node = NODES.objectNode();
    sorted.forEach((key, value) -> node.set(key, node(value)));
    return node;
  }

  private static ArrayNode list(Collection<?> items) {
    ArrayNode node = NODES.arrayNode();
    items.forEach(item -> node.add(node(item)));
    return node;
  }

  private static String withoutUser(URI address) {
    String user = address.getRawUserInfo();
    return user == null
        ? address.toString()
        : address.toString().replaceFirst("//[^@/]*@", "//***@");
  }
}
