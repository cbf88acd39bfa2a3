package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A containerd with files of its own: of a distribution, kubeadm, KinD, EKS or GKE. */
final class ContainerdPlanner implements RuntimePlanner {
  static final RestartUnit CONTAINERD =
      RestartUnit.containerd("containerd.service", List.of("ctr"));

  private static final String CERTS = "/etc/containerd/certs.d";
  private static final String CERTS_OF_DOCKER_TOO = CERTS + ":/etc/docker/certs.d";
  private static final int KNOWS_DOCKERS = 3;
  private static final List<String> STARGZ = List.of("proxy_plugins", "stargz");

  private final NodeView node;
  private final Wish wish;
  private final ContainerdConfig config;

  ContainerdPlanner(NodeView node, Wish wish) {
    this.node = node;
    this.wish = wish;
    this.config = new ContainerdConfig(node, wish.containerdConfig());
  }

  @Override
  public NodePlan plan() {
    refuseWithoutCri();
    var files = new ArrayList<DesiredFile>();
    var notes = new ArrayList<String>();
    Optional<String> obstacle = wish.lazy() == Lazy.OFF ? Optional.of("not wanted") : obstacle();
    boolean lazy = obstacle.isEmpty();
    if (!lazy && wish.lazy() == Lazy.REQUIRE) {
      throw new Refused("lazy pulling is required, but " + obstacle.get());
    }
    if (!lazy && wish.lazy() == Lazy.AUTO) {
      notes.add("images are pulled whole, not lazily: " + obstacle.get());
    }
    if (lazy) {
      var snapshotter = new StargzService(node, wish);
      files.addAll(snapshotter.programs());
      files.add(new StargzConfig(node, wish).at(StargzConfig.SNAPSHOTTER, snapshotter.unit()));
    }
    String certs = certs();
    files.addAll(new HostsToml(node, wish, lazy).below(certs));
    if (lazy) {
      snapshotWithStargz();
    }
    files.add(config.file(CONTAINERD));
    return new NodePlan(RuntimeKind.CONTAINERD, files, lazy, notes);
  }

  // Docker's package ships such a file: there is nothing for Kubernetes to pull with.
  private void refuseWithoutCri() {
    for (String disabled : config.strings(List.of("disabled_plugins"))) {
      if (disabled.equals("cri")
          || disabled.equals("io.containerd.grpc.v1.cri")
          || disabled.equals("io.containerd.cri.v1.images")) {
        throw new Refused(
            wish.containerdConfig()
                + " disables "
                + disabled
                + ", so no kubelet pulls through"
                + " this containerd. Enable it, or set up another runtime with --runtime.");
      }
    }
  }

  // The first folder of the list is the one that is looked at first.
  private String certs() {
    Optional<String> there = config.string(config.images("registry", "config_path"));
    if (there.isPresent() && !there.get().isEmpty()) {
      return there.get().split(":", -1)[0];
    }
    for (String old : List.of("mirrors", "auths")) {
      if (!config.keys(config.images("registry", old)).isEmpty()) {
        throw new Refused(
            wish.containerdConfig()
                + " sets registry."
                + old
                + " of the CRI plugin, which"
                + " containerd does not accept beside config_path. Move it to "
                + CERTS
                + "/<host>/hosts.toml first.");
      }
    }
    for (String host : config.keys(config.images("registry", "configs"))) {
      if (config.has(config.images("registry", "configs", host, "tls"))) {
        throw new Refused(
            wish.containerdConfig()
                + " sets registry.configs.\""
                + host
                + "\".tls of the CRI"
                + " plugin, which containerd does not accept beside config_path. Move it to "
                + CERTS
                + "/"
                + host
                + "/hosts.toml first.");
      }
    }
    config.set(
        config.images("registry", "config_path"),
        config.version() >= KNOWS_DOCKERS ? CERTS_OF_DOCKER_TOO : CERTS);
    return CERTS;
  }

  /** Why this node cannot read lazily. */
  private Optional<String> obstacle() {
    String now = config.string(config.snapshots("snapshotter")).orElse("overlayfs");
    if (!now.equals("overlayfs") && !now.equals("stargz")) {
      return Optional.of(
          wish.containerdConfig() + " sets the snapshotter " + now + ", which is not replaced");
    }
    boolean discards = config.isTrue(config.snapshots("discard_unpacked_layers"));
    if (discards && !now.equals("stargz") && !wish.acceptDiscarded()) {
      return Optional.of(
          wish.containerdConfig()
              + " sets discard_unpacked_layers: images that are on the node have"
              + " no layers left for another snapshotter to unpack, so their containers would not"
              + " start again. Drain the node, remove its images and set --accept-discarded-layers");
    }
    boolean foreign =
        config.string(key("type")).filter(type -> !type.equals("snapshot")).isPresent();
    if (foreign) {
      return Optional.of(
          wish.containerdConfig() + " has a proxy plugin stargz that is no snapshotter");
    }
    String socket = config.string(key("address")).orElse(StargzService.SOCKET);
    if (wish.snapshotter().isEmpty() && !node.answers(socket)) {
      return Optional.of("no stargz-snapshotter answers at " + socket);
    }
    return Optional.empty();
  }

  private void snapshotWithStargz() {
    config.set(config.snapshots("snapshotter"), "stargz");
    config.set(config.snapshots("disable_snapshot_annotations"), false);
    if (!config.has(STARGZ)) {
      config.set(key("type"), "snapshot");
      config.set(key("address"), StargzService.SOCKET);
      config.set(key("exports", "root"), StargzService.ROOT);
      config.set(key("exports", "enable_remote_snapshot_annotations"), "true");
    }
  }

  private static List<String> key(String... rest) {
    var key = new ArrayList<>(STARGZ);
    key.addAll(List.of(rest));
    return key;
  }
}
