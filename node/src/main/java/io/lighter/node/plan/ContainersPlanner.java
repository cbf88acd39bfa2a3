package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.toml.TomlFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlTable;

/**
 * CRI-O and Podman, which share the files of containers/image and containers/storage. Mirrors are a
 * drop-in of registries.conf; they take a path, so the upstream is its first part. Layers are read
 * lazily through stargz-store, an additional layer store of storage.conf.
 */
final class ContainersPlanner implements RuntimePlanner {
  private static final String REGISTRIES = "/etc/containers/registries.conf";
  private static final String DROP_INS = "/etc/containers/registries.conf.d";
  private static final String OURS = DROP_INS + "/90-lighter.conf";
  private static final String STORAGE = "/etc/containers/storage.conf";
  private static final String PACKAGED_STORAGE = "/usr/share/containers/storage.conf";
  private static final String STORE = "/var/lib/stargz-store/store";
  private static final List<String> STORES = List.of("storage", "options", "additionallayerstores");

  private final NodeView node;
  private final Wish wish;
  private final RuntimeKind kind;

  ContainersPlanner(NodeView node, Wish wish, RuntimeKind kind) {
    this.node = node;
    this.wish = wish;
    this.kind = kind;
  }

  @Override
  public NodePlan plan() {
    var notes = new ArrayList<String>();
    var files = new ArrayList<DesiredFile>();
    boolean lazy = wish.lazy() != Lazy.OFF && node.exists(STORE);
    if (!lazy && wish.lazy() != Lazy.OFF) {
      String why = STORE + " is not there: stargz-store does not run on this node";
      if (wish.lazy() == Lazy.REQUIRE) {
        throw new Refused("lazy pulling is required, but " + why);
      }
      notes.add("images are pulled whole, not lazily: " + why);
    }
    refuseOtherMirrors();
    files.add(registries());
    if (lazy) {
      files.add(mirrorsOfStore(notes));
      files.add(storage());
    }
    return new NodePlan(kind, files, lazy, notes);
  }

  private void refuseOtherMirrors() {
    var paths = new ArrayList<>(List.of(REGISTRIES));
    node.list(DROP_INS).stream()
        .filter(name -> name.endsWith(".conf"))
        .map(name -> DROP_INS + "/" + name)
        .filter(path -> !path.equals(OURS))
        .forEach(paths::add);
    for (String path : paths) {
      TomlFile file = TomlFile.parse(path, node.text(path).orElse(""));
      for (TomlTable registry : file.tables(List.of("registry"))) {
        String location = registry.getString(List.of("location"), () -> "");
        String prefix = registry.getString(List.of("prefix"), () -> location);
        boolean ours =
            prefix.equals(wish.registryHost())
                || wish.upstreams().stream().anyMatch(upstream -> upstream.name().equals(prefix));
        if (ours) {
          throw new Refused(
              path
                  + " has a [[registry]] for "
                  + prefix
                  + " already. Take it out, or leave "
                  + prefix
                  + " out of the upstreams.");
        }
      }
    }
  }

  private DesiredFile registries() {
    var text = new StringBuilder(Origin.COMMENT);
    text.append("[[registry]]\nlocation = \"").append(wish.registryHost()).append("\"\n");
    text.append("insecure = ").append(wish.plainHttp()).append('\n');
    for (Upstream upstream : wish.upstreams()) {
      text.append("\n[[registry]]\nprefix = \"").append(upstream.name()).append("\"\n");
      text.append("location = \"").append(upstream.name()).append("\"\n");
      text.append("  [[registry.mirror]]\n  location = \"")
          .append(wish.registryHost())
          .append('/')
          .append(upstream.name())
          .append("\"\n");
      text.append("  insecure = ").append(wish.plainHttp()).append('\n');
    }
    if (node.exists(OURS)) {
      throw new Refused(OURS + " is there already and is not Lighter's. Move it away.");
    }
    TomlFile.parse(OURS, text.toString());
    return kind == RuntimeKind.CRIO
        ? DesiredFile.readAtStart(
            OURS, text.toString(), RestartUnit.plain("crio.service", "reload"))
        : DesiredFile.readAnytime(OURS, text.toString());
  }

  // Containers lose their files when the store restarts; nobody can use one that is added only now.
  private DesiredFile mirrorsOfStore(List<String> notes) {
    RestartUnit store = RestartUnit.plain("stargz-store.service", "restart");
    DesiredFile mirrors = new StargzConfig(node, wish).at(StargzConfig.STORE, store);
    boolean used =
        TomlFile.parse(STORAGE, node.text(STORAGE).orElse("")).strings(STORES).stream()
            .anyMatch(entry -> entry.startsWith(STORE));
    if (!used) {
      return mirrors;
    }
    notes.add("stargz-store is in use and not restarted; it sees its mirrors when it starts next");
    return DesiredFile.readAnytime(StargzConfig.STORE, mirrors.text());
  }

  // A file below /etc replaces the packaged one as a whole, so a new one begins as its copy.
  private DesiredFile storage() {
    Optional<String> there = node.text(STORAGE).or(() -> node.text(PACKAGED_STORAGE));
    TomlFile file =
        TomlFile.parse(STORAGE, there.orElse(Origin.COMMENT + "[storage]\ndriver = \"overlay\"\n"));
    var stores = new ArrayList<>(file.strings(STORES));
    String ours = STORE + ":ref";
    if (!stores.contains(ours)) {
      stores.add(ours);
      file.set(STORES, stores);
    }
    return kind == RuntimeKind.CRIO
        ? DesiredFile.readAtStart(
            STORAGE, file.text(), RestartUnit.plain("crio.service", "restart"))
        : DesiredFile.readAnytime(STORAGE, file.text());
  }
}
