package io.lighter.server;

import io.lighter.server.config.ConfigLoader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ordinary command lines of {@code lighter serve}, read without picocli. Its classes are of a
 * format that no AOT cache takes, and looking at all commands doubles the time of a start. Whatever
 * is not plain here (help, mistakes, unusual spellings) is picocli's to read and to answer.
 */
final class ServeArguments {
  private @Nullable Path config;
  private @Nullable String listen;
  private @Nullable String data;
  private final List<String> upstreams = new ArrayList<>();
  private boolean noUpstreams;

  private ServeArguments() {}

  /** What the arguments say; empty if they are not those of a plain {@code serve}. */
  static Optional<ConfigLoader.CommandLine> parse(List<String> arguments) {
    if (arguments.isEmpty() || !arguments.getFirst().equals("serve")) {
      return Optional.empty();
    }
    var read = new ServeArguments();
    for (int i = 1; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("--no-upstreams") && !read.noUpstreams) {
        read.noUpstreams = true;
        continue;
      }
      int equals = argument.indexOf('=');
      boolean joined = argument.startsWith("--") && equals > 0;
      if (!joined && i + 1 == arguments.size()) {
        return Optional.empty();
      }
      String name = joined ? argument.substring(0, equals) : argument;
      String value = joined ? argument.substring(equals + 1) : arguments.get(++i);
      if (!read.take(name, value)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new ConfigLoader.CommandLine(
            Optional.ofNullable(read.config),
            Optional.ofNullable(read.listen),
            Optional.ofNullable(read.data),
            read.upstreams,
            read.noUpstreams));
  }

  /** Whether an option and its value are plain, and come for the first time where that matters. */
  private boolean take(String name, String value) {
    if (value.isEmpty() || "-\"'@".indexOf(value.charAt(0)) >= 0) {
      return false;
    }
    switch (name) {
      case "--config" -> {
        if (config != null) {
          return false;
        }
        try {
          config = Path.of(value);
        } catch (InvalidPathException _) {
          return false;
        }
      }
      case "--listen" -> {
        if (listen != null) {
          return false;
        }
        listen = value;
      }
      case "--data" -> {
        if (data != null) {
          return false;
        }
        data = value;
      }
      case "--upstream" -> upstreams.add(value);
      default -> {
        return false;
      }
    }
    return true;
  }
}
