package io.lighter.server.command;

import io.lighter.server.config.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that are a part of the configuration. */
public final class ConfigOptions {

  @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (YAML).")
  private @Nullable Path config;

  @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Address of the registry.")
  private @Nullable String listen;

  @Option(names = "--data", paramLabel = "DIR", description = "Directory that holds everything.")
  private @Nullable String data;

  @Option(
      names = "--upstream",
      paramLabel = "NAME=URL",
      description = "A registry to pull through from; may be repeated.")
  private List<String> upstreams = new ArrayList<>();

  @Option(names = "--no-upstreams", description = "Pull through from nowhere.")
  private boolean noUpstreams;

  /** What they say together. */
  public ConfigLoader.CommandLine values() {
    return new ConfigLoader.CommandLine(
        Optional.ofNullable(config),
        Optional.ofNullable(listen),
        Optional.ofNullable(data),
        upstreams,
        noUpstreams);
  }
}
