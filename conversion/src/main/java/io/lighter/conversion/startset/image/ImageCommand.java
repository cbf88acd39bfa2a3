package io.lighter.conversion.startset.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a container of an image executes when nothing else is asked for (OCI image specification,
 * "Image Configuration").
 *
 * @param command program and arguments; empty if the image names none
 * @param environment by name
 * @param workingDirectory absolute
 * @param user as the configuration has it; empty for root
 */
public record ImageCommand(
    List<String> command, Map<String, String> environment, String workingDirectory, String user) {

  /** The path that container runtimes search when the image sets none. */
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Nothing. */
  public static final ImageCommand NONE = new ImageCommand(List.of(), Map.of(), "/", "");

  public ImageCommand {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * Reads it from an image's configuration.
   *
   * @return {@link #NONE} if the configuration is no JSON; whoever needs it says what is wrong
   */
  public static ImageCommand parse(byte[] configuration) {
    try {
      return of(JSON.readTree(configuration));
    } catch (JacksonException _) {
      return NONE;
    }
  }

  /**
   * Reads it from an image's configuration. What is missing, or of the wrong type, counts as not
   * set.
   *
   * @param configuration the JSON
   */
  public static ImageCommand of(JsonNode configuration) {
    JsonNode config = configuration.path("config");
    var command = new ArrayList<>(texts(config.path("Entrypoint")));
    command.addAll(texts(config.path("Cmd")));
    var environment = new LinkedHashMap<String, String>();
    environment.put("PATH", DEFAULT_PATH);
    for (String variable : texts(config.path("Env"))) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        environment.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    String directory = config.path("WorkingDir").asString("");
    return new ImageCommand(
        command,
        environment,
        directory.startsWith("/") ? directory : "/" + directory,
        config.path("User").asString(""));
  }

  /** The same with another command. */
  public ImageCommand executing(List<String> other) {
    return new ImageCommand(other, environment, workingDirectory, user);
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    for (JsonNode value : array) {
      if (value.isString()) {
        texts.add(value.asString());
      }
    }
    return texts;
  }
}
