package io.lighter.server.command.image;

import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Addressing;
import io.lighter.server.upstream.CredentialsByPath;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.RegistryPush;
import io.lighter.server.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
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

  /**
   * Opens the place of an image that is to be.
   *
   * @param from where it comes from
   * @throws ConvertException if there can be none
   */
  ImageTarget open(ImageLocation to, ImageLocation from, Workspace workspace) throws IOException {
    return switch (to) {
      case ImageLocation.Registry registry -> {
        requireTag(registry);
        yield new RegistryTarget(
            registry,
            new RegistryPush(settings(registry), Clock.systemUTC()),
            sibling(registry, from));
      }
      case ImageLocation.Layout layout -> {
        LayoutTarget.check(layout);
        yield new LayoutTarget(layout, workspace);
      }
    };
  }

  private static void requireTag(ImageLocation.Registry target) {
    Reference reference = target.reference();
    if (!(reference instanceof Tag)) {
      throw new ConvertException(
          "%s: the digest of the result is not known yet; allowed: docker://HOST/NAME[:TAG]"
              .formatted(target));
    }
  }

  /** Blobs need not travel between repositories of one registry. */
  private static Optional<RepositoryName> sibling(
      ImageLocation.Registry target, ImageLocation from) {
    return from instanceof ImageLocation.Registry source
            && source.host().equals(target.host())
            && !source.repository().equals(target.repository())
        ? Optional.of(source.repository())
        : Optional.empty();
  }
}
