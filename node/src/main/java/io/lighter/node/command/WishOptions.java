package io.lighter.node.command;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.plan.Lazy;
import io.lighter.node.plan.RuntimeKind;
import io.lighter.node.plan.Upstream;
import io.lighter.node.plan.Wish;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is wanted of the node. */
final class WishOptions {
  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Where the node reaches Lighter (default: http://localhost:30500).")
  private URI registry = URI.create("http://localhost:30500");

  @Option(
      names = "--upstream",
      split = ",",
      paramLabel = "HOST[=URL]",
      description = "Registries whose images come through Lighter (default: docker.io).")
  private List<String> upstreams = new ArrayList<>(List.of("docker.io"));

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "auto, containerd, k3s, rke2, crio or podman (default: auto).")
  private String runtime = "auto";

  @Option(
      names = "--lazy",
      paramLabel = "WHEN",
      description =
          "auto: if the node has a snapshotter for it; require: or change nothing; off"
              + " (default: auto).")
  private String lazy = "auto";

  @Option(
      names = "--dial-timeout",
      paramLabel = "MILLISECONDS",
      description =
          "How long containerd tries to reach Lighter before it asks upstream (default: 500).")
  private long dialTimeout = 500;

  @Option(
      names = "--containerd-config",
      paramLabel = "FILE",
      description = "containerd's configuration (default: /etc/containerd/config.toml).")
  private String containerdConfig = "/etc/containerd/config.toml";

  @Option(
      names = "--accept-discarded-layers",
      description =
          "Replace the snapshotter although containerd throws layers away; for drained nodes"
              + " without images.")
  private boolean acceptDiscarded;

  @Option(
      names = "--install-snapshotter",
      paramLabel = "FOLDER",
      description =
          "Install the containerd-stargz-grpc in this folder as a service of the host. The folder"
              + " is seen from this process, not from the host.")
  private @Nullable Path snapshotter;

  Wish wish() {
    return new Wish(
        registry,
        upstreams.stream().filter(name -> !name.isBlank()).map(Upstream::parse).toList(),
        one(Lazy.class, "--lazy", lazy),
        runtime.equals("auto")
            ? Optional.empty()
            : Optional.of(one(RuntimeKind.class, "--runtime", runtime)),
        Duration.ofMillis(dialTimeout),
        containerdConfig,
        acceptDiscarded,
        Optional.ofNullable(snapshotter));
  }

  private static <E extends Enum<E>> E one(Class<E> type, String option, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new Refused(
        option
            + " cannot be '"
            + text
            + "'; allowed are "
            + String.join(
                ", ",
                Arrays.stream(type.getEnumConstants())
                    .map(value -> value.name().toLowerCase(Locale.ROOT))
                    .toList()));
  }
}
