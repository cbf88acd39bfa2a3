package io.lighter.node.command;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** As whom the Kubernetes API is asked. */
final class AccountOption {
  @Option(
      names = "--service-account",
      paramLabel = "FOLDER",
      description =
          "Token of the Kubernetes API (default: /var/run/secrets/kubernetes.io/serviceaccount).")
  private Path folder = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  Path folder() {
    return folder;
  }
}
