package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.toml.TomlFile;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code certs.d/<host>/hosts.toml}, by which containerd finds mirrors; it looks at them at each
 * pull, so no change of them needs a restart.
 */
final class HostsToml {
  private static final List<String> CERTIFICATES = List.of(".crt", ".cert", ".key");

  private final NodeView node;
  private final Wish wish;
  private final boolean lazy;

  HostsToml(NodeView node, Wish wish, boolean lazy) {
    this.node = node;
    this.wish = wish;
    this.lazy = lazy;
  }

  /** The files for Lighter itself and for each upstream, below a folder of containerd. */
  List<DesiredFile> below(String folder) {
    var files = new ArrayList<DesiredFile>();
    files.add(file(folder, wish.registryHost(), wish.registry(), null));
    for (Upstream upstream : wish.upstreams()) {
      files.add(file(folder, upstream.name(), upstream.endpoint(), upstream.name()));
    }
    return files;
  }

  private DesiredFile file(String folder, String host, URI server, @Nullable String namespace) {
    String path = folder + "/" + host + "/hosts.toml";
    String text = text(server, namespace);
    refuseStrangers(folder, host, path, text);
    TomlFile.parse(path, text);
    return DesiredFile.readAnytime(path, text);
  }

  // Another mirror for the same host, or certificates that a hosts.toml would put out of use.
  private void refuseStrangers(String folder, String host, String path, String text) {
    var existing = node.text(path);
    if (existing.isPresent() && !existing.get().equals(text)) {
      throw new Refused(
          path
              + " is there already and is not Lighter's. Move it away, or leave "
              + host
              + " out of the upstreams.");
    }
    String underscored = folder + "/" + host.replace(':', '_') + "_";
    if (host.indexOf(':') >= 0 && node.exists(underscored)) {
      throw new Refused(underscored + " configures " + host + " already. Move it away.");
    }
    boolean certificates =
        existing.isEmpty()
            && node.list(folder + "/" + host).stream()
                .anyMatch(name -> CERTIFICATES.stream().anyMatch(name::endsWith));
    if (certificates) {
      throw new Refused(
          folder
              + "/"
              + host
              + " holds certificates, which containerd would not use any more"
              + " beside a hosts.toml. Leave "
              + host
              + " out of the upstreams, or write its"
              + " hosts.toml yourself.");
    }
  }

  private String text(URI server, @Nullable String namespace) {
    String mirror = "host.\"" + wish.registry() + "\"";
    var text = new StringBuilder(Origin.COMMENT);
    text.append("server = \"").append(server).append("\"\n\n");
    text.append('[').append(mirror).append("]\n");
    text.append("  capabilities = [\"pull\", \"resolve\"]\n");
    text.append("  dial_timeout = \"")
        .append(String.format(Locale.ROOT, "%dms", wish.dialTimeout().toMillis()))
        .append("\"\n");
    if (lazy || namespace != null) {
      text.append("  [").append(mirror).append(".header]\n");
    }
    if (lazy) {
      text.append("    Lighter-View = [\"lazy\"]\n");
    }
    if (namespace != null) {
      text.append("    OCI-Namespace = [\"").append(namespace).append("\"]\n");
    }
    return text.toString();
  }
}
