package io.lighter.server.command.image;

import io.lighter.server.upstream.Addressing;
import io.lighter.server.upstream.CredentialsByPath;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.UpstreamSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How registries are reached.
 *
 * @param plainHttp whether without TLS; on this machine that is so anyway
 * @param authorities certificates to trust beside the system's
 * @param credentials who we are there
 */
record Registries(boolean plainHttp, Optional<Path> authorities, DockerCredentials credentials) {

  /**
   * The settings for a registry.
   *
   * @throws ConvertException if there are none that work
   */
  UpstreamSettings settings(ImageLocation.Registry location) {
    Network usual = Network.DEFAULT;
    var network =
        new Network(
            usual.maxConnections(),
            usual.connectionsPerBlob(),
            usual.fill(),
            usual.proxy(),
            authorities,
            usual.connectTimeout(),
            usual.responseTimeout(),
            usual.stallTimeout());
    try {
      return new UpstreamSettings(
          location.host(),
          endpoint(location.host()),
          Addressing.PLAIN,
          Freshness.DEFAULT,
          CredentialsByPath.of(credentials.of(location.host())),
          network);
    } catch (IllegalArgumentException e) {
      throw new ConvertException("%s: %s".formatted(location, e.getMessage()), e);
    }
  }

  private URI endpoint(String host) {
    if (host.equals("docker.io")) {
      return URI.create("https://registry-1.docker.io");
    }
    String name = host.replaceFirst(":[0-9]+$", "");
    boolean here = name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]");
    return URI.create((plainHttp || here ? "http://" : "https://") + host);
  }

  /** Opens an image where it is. */
  ImageSource open(ImageLocation from, Workspace workspace) {
    return switch (from) {
      case ImageLocation.Registry registry ->
          new RegistrySource(registry, settings(registry), workspace);
      case ImageLocation.Layout layout -> new LayoutSource(layout);
    };
  }
}
