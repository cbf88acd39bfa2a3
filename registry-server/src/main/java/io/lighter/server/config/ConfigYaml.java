package io.lighter.server.config;

import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads YAML, and says in words where it is not YAML. */
public final class ConfigYaml {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private ConfigYaml() {}

  /**
   * One document. Keys without a value are left out: they say nothing.
   *
   * @param source where the text comes from, for the message
   * @return a null node if nothing is in it
   * @throws ConfigException if the text is not YAML
   */
  static JsonNode parse(String text, String source) {
    try {
      JsonNode content = YAML.readTree(text);
      if (content == null || content.isMissingNode()) {
        return NullNode.getInstance();
      }
      dropEmpty(content);
      return content;
    } catch (JacksonException e) {
      throw new ConfigException("%s is not valid YAML: %s".formatted(source, problem(e)));
    }
  }

  private static void dropEmpty(JsonNode node) {
    if (node instanceof ObjectNode section) {
      section.removeIf(JsonNode::isNull);
    }
    node.forEach(ConfigYaml::dropEmpty);
  }

  private static String problem(JacksonException failure) {
    if (failure.getCause() instanceof MarkedYamlEngineException syntax
        && syntax.getProblemMark().isPresent()) {
      Mark mark = syntax.getProblemMark().get();
      return "line %d, column %d: %s"
          .formatted(mark.getLine() + 1, mark.getColumn() + 1, syntax.getProblem());
    }
    String what =
        failure instanceof DatabindException
            ? "another document begins; allowed: one"
            : "a key stands there for the second time, or something that YAML does not have";
    return "line %d: %s".formatted(failure.getLocation().getLineNr(), what);
  }
}
