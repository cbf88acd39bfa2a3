package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.tls.ListenerClient;
import io.lighter.server.tls.TlsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a subcommand finds the running server that it tells what to do. */
public final class AdminTarget {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file of the server, which says where its management listens.")
  private @Nullable Path config;

  @Option(
      names = "--management",
      paramLabel = "HOST:PORT",
      description =
          "Management listener of the server; wins over the configuration, whose TLS it has.")
  private @Nullable String management;

  @Mixin private AdminAccount account = new AdminAccount();

  /**
   * A client of that server.
   *
   * @throws ConfigException if the options or the configuration are not valid
   */
  AdminClient connect() {
    if (management != null && config == null) {
      return new AdminClient(given(management).toString(), Optional.empty(), account.header());
    }
    ServerConfig.Management configured = configured();
    ListenAddress address = management == null ? configured.listen() : given(management);
    try {
      return new AdminClient(
          address.toString(),
          configured.tls().files().map(files -> ListenerClient.context("management.tls", files)),
          account.header());
    } catch (TlsException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private ServerConfig.Management configured() {
    return ConfigLoader.load(
            new ConfigLoader.CommandLine(
                Optional.ofNullable(config), Optional.empty(), Optional.empty(), List.of(), false),
            System.getenv())
        .management();
  }

  private static ListenAddress given(String management) {
    try {
      return ListenAddress.parse(management);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--management: " + e.getMessage());
    }
  }
}
