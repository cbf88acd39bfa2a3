package io.lighter.server.config;

import io.lighter.server.upstream.InvalidSettingException;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Why a configuration could not be made, in the words of those who write it. */
public final class ConfigErrors {
  private ConfigErrors() {}

  /** What the failure of reading this tree as a {@link ServerConfig} means. */
  static ConfigException explain(JacksonException failure, ConfigTree tree) {
    ConfigException reason = reason(failure, tree.root());
    String origin = tree.origin(reason.key());
    return reason.from(origin.isEmpty() ? tree.originsWithin(reason.key()) : origin);
  }

  private static ConfigException reason(JacksonException failure, JsonNode root) {
    String key = key(failure.getPath());
    return switch (failure.getCause()) {
      case ConfigException cause -> cause;
      case InvalidSettingException cause ->
          new ConfigException(key + '.' + cause.field(), cause.value(), cause.allowed());
      case IllegalArgumentException cause ->
          ConfigException.at(key, String.valueOf(cause.getMessage()));
      case null, default ->
          failure instanceof UnrecognizedPropertyException unknown
              ? unknownKey(key, unknown)
              : wrongKind(key, at(root, failure.getPath()), targetType(failure));
    };
  }

  private static @Nullable Class<?> targetType(JacksonException failure) {
    return switch (failure) {
      case MismatchedInputException mismatch -> mismatch.getTargetType();
      case InputCoercionException outOfRange -> outOfRange.getTargetType();
      default -> null;
    };
  }

  private static ConfigException unknownKey(String key, UnrecognizedPropertyException unknown) {
    List<String> allowed = keys(unknown.getReferringClass());
    String nearest =
        Nearest.to(unknown.getPropertyName(), allowed)
            .map(near -> ", perhaps meant as %s".formatted(near))
            .orElse("");
    return ConfigException.at(
        key, "unknown key%s; allowed: %s".formatted(nearest, String.join(", ", allowed)));
  }

  private static ConfigException wrongKind(
      String key, Optional<JsonNode> value, @Nullable Class<?> type) {
    String shown =
        value
            .map(node -> {
              if (node.isObject()) {
                return "a section";
              }
              return node.isArray() ? "a list" : '"' + node.asString("") + '"';
            })
            .orElse("nothing");
    return ConfigException.at(
        key, "%s is not allowed; allowed: %s".formatted(shown, allowed(type)));
  }

  private static String allowed(@Nullable Class<?> type) {
    if (type == null) {
      return "what docs/configuration.md says of this key";
    }
    return ValueTypes.allowed(type)
        .orElseGet(() -> "a section with the keys " + String.join(", ", keys(type)));
  }

  private static List<String> keys(Class<?> section) {
    return section.isRecord()
        ? Stream.of(section.getRecordComponents()).map(RecordComponent::getName).toList()
        : List.of();
  }

  private static String key(List<JacksonException.Reference> path) {
    var key = new StringBuilder();
    for (JacksonException.Reference step : path) {
      if (step.getPropertyName() == null) {
        key.append('[').append(step.getIndex()).append(']');
      } else {
        key.append(key.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return key.toString();
  }

  private static Optional<JsonNode> at(JsonNode root, List<JacksonException.Reference> path) {
    JsonNode node = root;
    for (JacksonException.Reference step : path) {
      node =
          step.getPropertyName() == null
              ? node.path(step.getIndex())
              : node.path(step.getPropertyName());
    }
    return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
  }
}
