package io.lighter.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the sources of the configuration say together, not checked yet, and which of them said what.
 * To be filled from the weakest source to the strongest.
 */
public final class ConfigTree {
  private static final String PREFIX = "LIGHTER";
  private static final String UPSTREAMS = "upstreams";
  private static final String DEFAULT_UPSTREAM = "defaultUpstream";

  private final ObjectNode root;

  /** By path of a key, the file, variable or option that it has its value from. */
  private final Map<String, String> origins = new HashMap<>();

  /** Paths of keys whose value is by names that anybody may choose. */
  private final Set<String> maps = new HashSet<>();

  private ConfigTree(ObjectNode defaults) {
    this.root = defaults;
    findMaps(defaults, "");
  }

  private void findMaps(ObjectNode section, String prefix) {
    for (Map.Entry<String, JsonNode> property : section.properties()) {
      if (property.getValue() instanceof ObjectNode inner) {
        String path = prefix + property.getKey();
        if (inner.isEmpty()) {
          maps.add(path);
        }
        findMaps(inner, path + '.');
      }
    }
  }

  /** The built-in defaults. */
  static ConfigTree defaults() {
    try (InputStream resource = ConfigTree.class.getResourceAsStream("default-config.yaml")) {
      if (resource == null) {
        throw new IllegalStateException("the defaults are part of the program");
      }
      String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      return new ConfigTree((ObjectNode) ConfigYaml.parse(text, "default-config.yaml"));
    } catch (IOException e) {
      throw new IllegalStateException("the defaults are part of the program", e);
    }
  }

  /** What a configuration says, all of it as if it were a default. */
  static ConfigTree of(ServerConfig config) {
    return new ConfigTree(ConfigNodes.of(config));
  }

  ObjectNode root() {
    return root;
  }

  /**
   * Where the value of a key comes from.
   *
   * @param path path of a key, or of something in its value
   * @return file, variable or option; empty if it is a default
   */
  String origin(String path) {
    for (String key = path; !key.isEmpty(); key = parent(key)) {
      String origin = origins.get(key);
      if (origin != null) {
        return origin;
      }
    }
    return "";
  }

  /** Where the values in a section come from that are not defaults. */
  String originsWithin(String section) {
    return origins.entrySet().stream()
        .filter(origin -> origin.getKey().startsWith(section + '.'))
        .map(Map.Entry::getValue)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
  }

  void file(Path file) {
    JsonNode content = ConfigYaml.parse(read(file), "configuration file " + file);
    if (content instanceof ObjectNode object) {
      merge(root, object, "", file.toString());
    } else if (!content.isNull()) {
      throw new ConfigException(
          "configuration file %s holds no keys; allowed: the sections %s"
              .formatted(file, String.join(", ", root.propertyNames())));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "it does not exist");
    } catch (CharacterCodingException e) {
      throw unreadable(file, "it is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(
          file,
          Files.isDirectory(file)
              ? "it is a directory"
              : "it may not be read by the user of this process, or its disk fails");
    }
  }

  private static ConfigException unreadable(Path file, String why) {
    return new ConfigException("configuration file %s cannot be read: %s".formatted(file, why));
  }

  private void merge(ObjectNode target, ObjectNode source, String prefix, String origin) {
    for (Map.Entry<String, JsonNode> property : source.properties()) {
      String path = prefix + property.getKey();
      if (property.getValue() instanceof ObjectNode inner
          && target.get(property.getKey()) instanceof ObjectNode existing) {
        merge(existing, inner, path + '.', origin);
      } else {
        target.set(property.getKey(), property.getValue());
        origins.put(path, origin);
      }
    }
  }

  /** Every key has a variable: {@code LIGHTER_} and its path, in upper case. */
  void environment(Map<String, String> environment) {
    environment(root, "", environment);
  }

  /** The variable of a key. */
  static String variable(String path) {
    return PREFIX + '_' + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private void environment(ObjectNode section, String prefix, Map<String, String> environment) {
    for (String key : List.copyOf(section.propertyNames())) {
      String variable = variable(prefix + key);
      String value = environment.get(variable);
      if (section.get(key) instanceof ObjectNode inner && !maps.contains(prefix + key)) {
        environment(inner, prefix + key + '.', environment);
      } else if (value != null) {
        JsonNode content = ConfigYaml.parse(value, variable);
        if (content.isNull()) {
          throw new ConfigException(
              "%s is set, but to nothing; unset it, or give it a value (\"\" in quotation marks is the empty text)"
                  .formatted(variable));
        }
        section.set(key, content);
        origins.put(prefix + key, variable);
      }
    }
  }

  /** Sets a key of a section, unless what stands there is no section and is refused later. */
  void option(String option, String section, String key, String value) {
    if (root.get(section) instanceof ObjectNode object) {
      object.put(key, value);
      origins.put(section + '.' + key, option);
    }
  }

  void noUpstreams(String option) {
    root.putArray(UPSTREAMS);
    root.put(DEFAULT_UPSTREAM, "");
    origins.put(UPSTREAMS, option);
    origins.put(DEFAULT_UPSTREAM, option);
  }

  /** Replaces the endpoint of an upstream, or adds one. */
  void upstream(String option, String text) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new ConfigException(
          option, text, "NAME=URL such as docker.io=https://registry-1.docker.io");
    }
    if (!(root.get(UPSTREAMS) instanceof ArrayNode upstreams)) {
      return; // Refused later.
    }
    String name = text.substring(0, equals);
    String endpoint = text.substring(equals + 1);
    String origin = option + ' ' + name;
    for (int i = 0; i < upstreams.size(); i++) {
      if (upstreams.get(i) instanceof ObjectNode known
          && name.equals(known.path("name").asString(""))) {
        known.put("endpoint", endpoint);
        origins.put("%s[%d].endpoint".formatted(UPSTREAMS, i), origin);
        return;
      }
    }
    origins.put("%s[%d]".formatted(UPSTREAMS, upstreams.size()), origin);
    upstreams.addObject().put("name", name).put("endpoint", endpoint);
    if (root.path(DEFAULT_UPSTREAM).asString("").isEmpty()) {
      root.put(DEFAULT_UPSTREAM, name);
      origins.put(DEFAULT_UPSTREAM, origin);
    }
  }
}
