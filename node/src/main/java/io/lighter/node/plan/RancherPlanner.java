package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.toml.TomlFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * k3s and RKE2, which write containerd's configuration anew at each start, have stargz-snapshotter
 * inside and let it read {@code hosts.toml}. They leave hosts.toml files alone that do not begin
 * with their own comment, unless registries.yaml names the same host. So nothing of theirs is
 * edited: the snapshotter is chosen by a drop-in of their own configuration.
 */
final class RancherPlanner implements RuntimePlanner {
  private static final Set<String> REPLACED = Set.of("overlayfs", "stargz");
  private static final YAMLMapper YAML = new YAMLMapper();

  private final NodeView node;
  private final Wish wish;
  private final RuntimeKind kind;
  private final String name;
  private final String containerd;
  private final String settings;

  RancherPlanner(NodeView node, Wish wish, RuntimeKind kind) {
    this.node = node;
    this.wish = wish;
    this.kind = kind;
    this.name = kind.name().toLowerCase(Locale.ROOT);
    this.containerd = generatedConfig(name).replace("/config.toml", "");
    this.settings = "/etc/rancher/" + name;
  }

  /** What k3s or rke2 writes for its containerd. */
  static String generatedConfig(String name) {
    return "/var/lib/rancher/" + name + "/agent/etc/containerd/config.toml";
  }

  @Override
  public NodePlan plan() {
    String certs = certs();
    refuseOwnMirrors();
    var files = new ArrayList<DesiredFile>();
    var notes = new ArrayList<String>();
    Optional<String> obstacle = wish.lazy() == Lazy.OFF ? Optional.of("not wanted") : obstacle();
    if (obstacle.isPresent() && wish.lazy() == Lazy.REQUIRE) {
      throw new Refused("lazy pulling is required, but " + obstacle.get());
    }
    if (obstacle.isPresent() && wish.lazy() == Lazy.AUTO) {
      notes.add("images are pulled whole, not lazily: " + obstacle.get());
    }
    if (wish.snapshotter().isPresent()) {
      notes.add(name + " has a stargz-snapshotter of its own; none is installed");
    }
    boolean lazy = obstacle.isEmpty();
    files.addAll(new HostsToml(node, wish, lazy).below(certs));
    if (lazy && chosen().isEmpty()) {
      files.add(
          DesiredFile.readAtStart(
              settings + "/config.yaml.d/90-lighter.yaml",
              Origin.COMMENT + "snapshotter: stargz\n",
              unit()));
    }
    return new NodePlan(kind, files, lazy, notes);
  }

  private String certs() {
    String path = generatedConfig(name);
    TomlFile generated =
        TomlFile.parse(
            path,
            node.text(path)
                .orElseThrow(
                    () -> new Refused(path + " is not there: " + name + " has not started yet")));
    for (String plugin : List.of("io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri")) {
      Optional<String> there =
          generated.string(List.of("plugins", plugin, "registry", "config_path"));
      if (there.isPresent() && !there.get().isEmpty()) {
        return there.get().split(":", -1)[0];
      }
    }
    throw new Refused(
        path
            + " sets no registry.config_path, because "
            + name
            + " is older than 1.26 or has a"
            + " config.toml.tmpl of yours that leaves it out");
  }

  private void refuseOwnMirrors() {
    JsonNode registries = yaml(settings + "/registries.yaml");
    for (String section : List.of("mirrors", "configs")) {
      for (String host : registries.path(section).propertyNames()) {
        boolean ours =
            host.equals(wish.registryHost())
                || wish.upstreams().stream().anyMatch(upstream -> upstream.name().equals(host));
        if (ours) {
          throw new Refused(
              settings
                  + "/registries.yaml names "
                  + host
                  + " under "
                  + section
                  + "; "
                  + name
                  + " would write over what Lighter writes. Take it out, or leave "
                  + host
                  + " out of the upstreams.");
        }
      }
    }
  }

  private Optional<String> obstacle() {
    Optional<String> now = chosen();
    if (now.isPresent() && !now.get().equals("stargz")) {
      return Optional.of(settings + " sets the snapshotter " + now.get());
    }
    for (String template : List.of("config.toml.tmpl", "config-v3.toml.tmpl")) {
      if (node.exists(containerd + "/" + template)) {
        return Optional.of(
            containerd + "/" + template + " decides about the snapshotter; set it there");
      }
    }
    TomlFile generated =
        TomlFile.parse(generatedConfig(name), node.text(generatedConfig(name)).orElse(""));
    for (List<String> key :
        List.of(
            List.of("plugins", "io.containerd.cri.v1.images", "snapshotter"),
            List.of("plugins", "io.containerd.grpc.v1.cri", "containerd", "snapshotter"))) {
      Optional<String> running = generated.string(key).filter(own -> !REPLACED.contains(own));
      if (running.isPresent()) {
        return Optional.of(name + " runs with the snapshotter " + running.get());
      }
    }
    return Optional.empty();
  }

  // The operator's choice, by the main file or any drop-in.
  private Optional<String> chosen() {
    Optional<String> chosen = snapshotter(settings + "/config.yaml");
    String dropIns = settings + "/config.yaml.d";
    for (String file : node.list(dropIns)) {
      if (file.endsWith(".yaml") || file.endsWith(".yml")) {
        Optional<String> here = snapshotter(dropIns + "/" + file);
        chosen = here.isPresent() ? here : chosen;
      }
    }
    return chosen;
  }

  private Optional<String> snapshotter(String path) {
    JsonNode value = yaml(path).path("snapshotter");
    return value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
  }

  private JsonNode yaml(String path) {
    String text = node.text(path).orElse("");
    try {
      return YAML.readTree(text.isBlank() ? "{}" : text);
    } catch (JacksonException e) {
      throw new Refused(
          path + " is not valid YAML: " + e.getOriginalMessage() + ". Mend it first.");
    }
  }

  private RestartUnit unit() {
    List<String> names =
        kind == RuntimeKind.K3S
            ? List.of("k3s.service", "k3s-agent.service")
            : List.of("rke2-server.service", "rke2-agent.service");
    List<String> ctr =
        kind == RuntimeKind.K3S
            ? List.of("k3s", "ctr")
            : List.of(
                "/var/lib/rancher/rke2/bin/ctr",
                "--address",
                "/run/k3s/containerd/containerd.sock");
    for (String unit : names) {
      if (node.exists("/etc/systemd/system/multi-user.target.wants/" + unit)) {
        return RestartUnit.containerd(unit, ctr);
      }
    }
    throw new Refused("neither " + String.join(" nor ", names) + " is enabled on this node");
  }
}
