package io.lighter.server.command.image;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how registries are reached. */
final class RegistryOptions {

  @Option(
      names = "--plain-http",
      description = "Talk to registries without TLS, as is always done to localhost.")
  private boolean plainHttp;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description = "Certificate authorities in PEM to trust beside the system's.")
  private @Nullable Path authorities;

  Registries registries() {
    return new Registries(
        plainHttp, Optional.ofNullable(authorities), DockerCredentials.load(System.getenv()));
  }
}
