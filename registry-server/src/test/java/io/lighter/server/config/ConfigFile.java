package io.lighter.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A configuration file that a test writes to have it loaded. */
final class ConfigFile {
  private final Path file;

  ConfigFile(Path directory) {
    file = directory.resolve("lighter.yaml");
  }

  /** What these keys of the file and these variables come to, without any option. */
  ServerConfig load(String yaml, Map<String, String> environment) {
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return ConfigLoader.load(
        new ConfigLoader.CommandLine(
            Optional.of(file), Optional.empty(), Optional.empty(), List.of(), false),
        environment);
  }
}
