package io.lighter.server.config;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A configuration as YAML, which a server can be started with, and behind each value that is not a
 * default, as a comment, where it comes from. No password is in it, because none is in the
 * configuration.
 */
public record ConfigReport(ConfigTree tree) {

  /** The report of a configuration of which nobody knows any more where it comes from. */
  public static ConfigReport of(ServerConfig config) {
    return new ConfigReport(ConfigTree.of(config));
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    section(text, tree.root(), "", "");
    return text.toString();
  }

  private void section(StringBuilder text, ObjectNode section, String prefix, String indent) {
    for (Map.Entry<String, JsonNode> property : section.properties()) {
      String path = prefix + property.getKey();
      text.append(indent).append(property.getKey()).append(':');
      switch (property.getValue()) {
        case ObjectNode inner -> {
          text.append('\n');
          section(text, inner, path + '.', indent + "  ");
        }
        case ArrayNode list when !list.isEmpty() -> {
          end(text, path);
          list(text, list, path, indent);
        }
        // Whatever is JSON is YAML, and unlike YAML it needs no thought about quotation marks.
        case JsonNode value -> end(text.append(' ').append(value), path);
      }
    }
  }

  private void list(StringBuilder text, ArrayNode list, String path, String indent) {
    for (int i = 0; i < list.size(); i++) {
      text.append(indent).append("  - ").append(list.get(i));
      String origin = originWithin(path, i, list.get(i));
      text.append(origin.equals(tree.origin(path)) ? "" : "  # " + origin).append('\n');
    }
  }

  /** An option can replace one key of an item. */
  private String originWithin(String path, int index, JsonNode item) {
    String itemPath = "%s[%d]".formatted(path, index);
    for (String key : item.propertyNames()) {
      String origin = tree.origin(itemPath + '.' + key);
      if (!origin.equals(tree.origin(itemPath))) {
        return origin;
      }
    }
    return tree.origin(itemPath);
  }

  private void end(StringBuilder text, String path) {
    String origin = tree.origin(path);
    text.append(origin.isEmpty() ? "" : "  # " + origin).append('\n');
  }
}
