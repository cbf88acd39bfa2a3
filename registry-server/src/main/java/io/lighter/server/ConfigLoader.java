package io.lighter.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Makes the configuration. Later sources win: defaults, file, environment, command line. A key that
 * nobody knows stops the start, and so does a value that is not allowed.
 *
 * <p>Every key has an environment variable: {@code LIGHTER_} and its path in upper case, joined by
 * underscores ({@code LIGHTER_STORAGE_DIRECTORY}). Its value is read as YAML, so a list can be
 * given too. Other variables that begin with {@code LIGHTER_} are left alone: Kubernetes makes some
 * for every Service.
 */
final class ConfigLoader {
  private static final String PREFIX = "LIGHTER";
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h|d)");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .addModule(
              new SimpleModule()
                  .addDeserializer(
                      ListenAddress.class,
                      new TextDeserializer<>(ListenAddress.class, ListenAddress::parse))
                  .addDeserializer(
                      DataSize.class, new TextDeserializer<>(DataSize.class, DataSize::parse))
                  .addDeserializer(
                      Duration.class,
                      new TextDeserializer<>(Duration.class, ConfigLoader::duration)))
          .build();

  private ConfigLoader() {}

  /**
   * What the command line says.
   *
   * @param file configuration file
   * @param listen overrides {@code http.listen}
   * @param data overrides {@code storage.directory}
   * @param upstreams {@code NAME=URL} each: replaces the upstream of that name or adds one
   * @param noUpstreams removes every upstream
   */
  record CommandLine(
      Optional<Path> file,
      Optional<String> listen,
      Optional<String> data,
      List<String> upstreams,
      boolean noUpstreams) {}

  /**
   * Loads the configuration.
   *
   * @throws ConfigException if it cannot be started with
   */
  static ServerConfig load(CommandLine commandLine, Map<String, String> environment) {
    ObjectNode tree = defaults();
    commandLine.file().ifPresent(file -> merge(tree, read(file)));
    applyEnvironment(tree, PREFIX, environment);
    commandLine.listen().ifPresent(value -> section(tree, "http").put("listen", value));
    commandLine.data().ifPresent(value -> section(tree, "storage").put("directory", value));
    if (commandLine.noUpstreams()) {
      tree.putArray("upstreams");
      tree.put("defaultUpstream", "");
    }
    commandLine.upstreams().forEach(text -> addUpstream(tree, text));
    try {
      return YAML.treeToValue(tree, ServerConfig.class);
    } catch (DatabindException e) {
      throw explain(e);
    }
  }

  private static ObjectNode defaults() {
    try (InputStream resource = ConfigLoader.class.getResourceAsStream("default-config.yaml")) {
      return (ObjectNode) YAML.readTree(resource);
    } catch (IOException e) {
      throw new IllegalStateException("the defaults are part of the program", e);
    }
  }

  private static ObjectNode read(Path file) {
    try {
      JsonNode content = YAML.readTree(Files.readString(file));
      if (content == null || content.isMissingNode() || content.isNull()) {
        return YAML.createObjectNode();
      }
      if (!(content instanceof ObjectNode object)) {
        throw new ConfigException(file + ": not a YAML mapping");
      }
      return object;
    } catch (IOException e) {
      throw new ConfigException("configuration file %s cannot be read: %s".formatted(file, e));
    } catch (JacksonException e) {
      throw new ConfigException("%s is not YAML: %s".formatted(file, e.getMessage()));
    }
  }

  private static void merge(ObjectNode target, ObjectNode source) {
    for (Map.Entry<String, JsonNode> property : source.properties()) {
      if (property.getValue() instanceof ObjectNode inner
          && target.get(property.getKey()) instanceof ObjectNode existing) {
        merge(existing, inner);
      } else {
        target.set(property.getKey(), property.getValue());
      }
    }
  }

  private static void applyEnvironment(
      ObjectNode node, String prefix, Map<String, String> environment) {
    for (String key : List.copyOf(node.propertyNames())) {
      String variable = prefix + '_' + key.toUpperCase(Locale.ROOT);
      if (node.get(key) instanceof ObjectNode inner) {
        applyEnvironment(inner, variable, environment);
      } else if (environment.containsKey(variable)) {
        try {
          String value = environment.get(variable);
          node.set(key, value.isBlank() ? StringNode.valueOf("") : YAML.readTree(value));
        } catch (JacksonException e) {
          throw new ConfigException("%s is not YAML: %s".formatted(variable, e.getMessage()));
        }
      }
    }
  }

  private static void addUpstream(ObjectNode tree, String text) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new ConfigException(
          "--upstream", text, "NAME=URL such as docker.io=https://registry-1.docker.io");
    }
    String name = text.substring(0, equals);
    ArrayNode upstreams =
        tree.get("upstreams") instanceof ArrayNode array ? array : tree.putArray("upstreams");
    for (JsonNode upstream : upstreams) {
      if (upstream instanceof ObjectNode object && name.equals(upstream.path("name").asString())) {
        object.put("endpoint", text.substring(equals + 1));
        return;
      }
    }
    upstreams.addObject().put("name", name).put("endpoint", text.substring(equals + 1));
    if (tree.path("defaultUpstream").asString("").isEmpty()) {
      tree.put("defaultUpstream", name);
    }
  }

  private static ObjectNode section(ObjectNode tree, String name) {
    return tree.get(name) instanceof ObjectNode object ? object : tree.putObject(name);
  }

  /** A message with the full path of the key. */
  private static ConfigException explain(DatabindException failure) {
    var path = new ArrayList<String>();
    for (JacksonException.Reference reference : failure.getPath()) {
      String name = reference.getPropertyName();
      path.add(name == null ? "[" + reference.getIndex() + "]" : name);
    }
    String key = String.join(".", path).replace(".[", "[");
    Throwable cause = failure.getCause();
    String reason =
        cause instanceof IllegalArgumentException
            ? String.valueOf(cause.getMessage())
            : failure.getOriginalMessage();
    return new ConfigException(
        cause instanceof ConfigException || key.isEmpty() ? reason : key + ": " + reason);
  }

  private static Duration duration(String text) {
    if (text.strip().equals("0")) {
      return Duration.ZERO;
    }
    var matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "not a duration: \"%s\"; allowed: 0, or a whole number with ms, s, m, h or d, such as 30s"
              .formatted(text));
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** Reads a scalar through the parser of its type. */
  private static final class TextDeserializer<T> extends StdDeserializer<T> {
    private final transient Function<String, T> parse;

    TextDeserializer(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      String text = parser.getValueAsString();
      try {
        return parse.apply(text == null ? "" : text);
      } catch (IllegalArgumentException e) {
        throw DatabindException.from(parser, String.valueOf(e.getMessage()), e);
      }
    }
  }
}
