package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.toml.TomlFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tomlj.TomlTable;

/**
 * The mirrors of stargz-snapshotter and stargz-store, which do not read {@code hosts.toml}. A host
 * is all they take, no path; so Lighter learns the upstream from a header that they send.
 */
final class StargzConfig {
  static final String SNAPSHOTTER = "/etc/containerd-stargz-grpc/config.toml";
  static final String STORE = "/etc/stargz-store/config.toml";

  private final NodeView node;
  private final Wish wish;

  StargzConfig(NodeView node, Wish wish) {
    this.node = node;
    this.wish = wish;
  }

  /** The configuration file with Lighter as the first mirror of each upstream. */
  DesiredFile at(String path, RestartUnit reader) {
    TomlFile file = TomlFile.parse(path, node.text(path).orElse(Origin.COMMENT));
    if (wish.plainHttp()) {
      mirror(file, wish.registryHost(), Map.of("Lighter-View", "lazy"));
    }
    for (Upstream upstream : wish.upstreams()) {
      var headers = new LinkedHashMap<String, Object>();
      headers.put("Lighter-View", "lazy");
      headers.put("OCI-Namespace", upstream.name());
      mirror(file, upstream.name(), headers);
    }
    return DesiredFile.readAtStart(path, file.text(), reader);
  }

  private void mirror(TomlFile file, String host, Map<String, Object> headers) {
    List<String> key = List.of("resolver", "host", host, "mirrors");
    var ours = new LinkedHashMap<String, Object>();
    ours.put("host", wish.registryHost());
    ours.put("insecure", wish.plainHttp());
    ours.put("header", headers);
    var there = new ArrayList<String>();
    for (TomlTable mirror : file.tables(key)) {
      there.add(mirror.getString(List.of("host"), () -> ""));
    }
    if (there.contains(wish.registryHost())) {
      return;
    }
    if (!there.isEmpty()) {
      throw new Refused(
          file.path()
              + " has mirrors for "
              + host
              + " already: "
              + String.join(", ", there)
              + ". Take them out, or leave "
              + host
              + " out of the upstreams.");
    }
    file.set(key, List.of(ours));
  }
}
