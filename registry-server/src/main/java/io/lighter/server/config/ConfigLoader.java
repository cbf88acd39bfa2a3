package io.lighter.server.config;

import com.fasterxml.jackson.annotation.Nulls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Makes the configuration. Later sources win: defaults, file, environment, command line. A key that
 * nobody knows stops the start, and so does a value that is not allowed.
 *
 * <p>Every key has an environment variable: {@code LIGHTER_} and its path in upper case, joined by
 * underscores ({@code LIGHTER_STORAGE_DIRECTORY}). Its value is read as YAML, so a list can be
 * given too. Other variables that begin with {@code LIGHTER_} are left alone: Kubernetes makes some
 * for every Service.
 */
public final class ConfigLoader {
  private static final JsonMapper BINDER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
          .addModule(
              new SimpleModule()
                  .addDeserializer(
                      ListenAddress.class,
                      new TextDeserializer<>(ListenAddress.class, ListenAddress::parse))
                  .addDeserializer(
                      DataSize.class, new TextDeserializer<>(DataSize.class, DataSize::parse))
                  .addDeserializer(
                      AutoSize.class, new TextDeserializer<>(AutoSize.class, AutoSize::parse))
                  .addDeserializer(
                      FreeSpace.class, new TextDeserializer<>(FreeSpace.class, FreeSpace::parse))
                  .addDeserializer(
                      Duration.class, new TextDeserializer<>(Duration.class, TimeSpan::parse))
                  .addDeserializer(
                      Path.class, new TextDeserializer<>(Path.class, ConfigLoader::path))
                  .addDeserializer(
                      URI.class, new TextDeserializer<>(URI.class, ConfigLoader::address)))
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
  public record CommandLine(
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
  public static ServerConfig load(CommandLine commandLine, Map<String, String> environment) {
    return check(read(commandLine, environment));
  }

  /**
   * Reads what all sources say together.
   *
   * @throws ConfigException if a source cannot be read
   */
  public static ConfigTree read(CommandLine commandLine, Map<String, String> environment) {
    ConfigTree tree = ConfigTree.defaults();
    commandLine.file().ifPresent(tree::file);
    tree.environment(environment);
    commandLine.listen().ifPresent(value -> tree.option("--listen", "http", "listen", value));
    commandLine.data().ifPresent(value -> tree.option("--data", "storage", "directory", value));
    if (commandLine.noUpstreams()) {
      tree.noUpstreams("--no-upstreams");
    }
    commandLine.upstreams().forEach(text -> tree.upstream("--upstream", text));
    return tree;
  }

  /**
   * Makes a configuration of what the sources say.
   *
   * @throws ConfigException if it cannot be started with
   */
  public static ServerConfig check(ConfigTree tree) {
    requireKeys(
        tree,
        "upstreams",
        List.of("name", "endpoint"),
        "every upstream has a name and an endpoint");
    requireKeys(
        tree,
        "conversion.rules",
        List.of("repositories"),
        "every rule names the repositories that it is for");
    requireKeys(tree, "pull", List.of("image"), "every image to pull has a name");
    try {
      return BINDER.treeToValue(tree.root(), ServerConfig.class);
    } catch (JacksonException e) {
      throw ConfigErrors.explain(e, tree);
    }
  }

  /** Jackson cannot tell a key that must be there from one that need not. */
  private static void requireKeys(
      ConfigTree tree, String section, List<String> keys, String message) {
    JsonNode items = tree.root();
    for (String step : section.split("\\.", -1)) {
      items = items.path(step);
    }
    for (int i = 0; i < items.size(); i++) {
      for (String key : keys) {
        JsonNode item = items.path(i);
        if (item.isObject() && !item.has(key)) {
          String path = "%s[%d]".formatted(section, i);
          throw ConfigException.at(path, key + " is missing; " + message).from(tree.origin(path));
        }
      }
    }
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("\"\" is not allowed; allowed: a path");
    }
    return Path.of(text);
  }

  private static URI address(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      // What stands before an @ may be a password.
      String shown = text.indexOf('@') >= 0 ? "an address with a user" : text;
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]"
              .formatted(shown),
          e);
    }
  }

  /** Reads a scalar through the parser of its type. */
  private static final class TextDeserializer<T> extends StdDeserializer<T> {
    private final transient Function<String, T> parse;

    TextDeserializer(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    @SuppressWarnings("unchecked") // handledType() is the T of the constructor.
    public T deserialize(JsonParser parser, DeserializationContext context) {
      String text = parser.getValueAsString();
      if (text == null) {
        return (T) context.handleUnexpectedToken(handledType(), parser);
      }
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw DatabindException.from(parser, String.valueOf(e.getMessage()), e);
      }
    }
  }
}
