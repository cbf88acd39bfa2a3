package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import io.lighter.oci.Digest;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.net.URI;

/**
 * An image or a blob in a registry: {@code [http://|https://]HOST[:PORT]/NAME[:TAG|@DIGEST]}.
 *
 * @param server where it is; without a scheme, plain HTTP on this machine and HTTPS elsewhere
 * @param repository name there
 * @param reference a tag, {@code latest} if none was said, or a digest
 */
record ImageName(URI server, RepositoryName repository, Reference reference) {

  /**
   * Understands a name.
   *
   * @throws BenchException if it is none
   */
  static ImageName parse(String text) {
    int scheme = text.indexOf("://");
    String name = scheme < 0 ? text : text.substring(scheme + 3);
    int slash = name.indexOf('/');
    if (slash < 1) {
      throw new BenchException(
          "\"%s\" is not allowed; allowed: HOST[:PORT]/NAME[:TAG|@DIGEST]".formatted(text));
    }
    String host = name.substring(0, slash);
    String prefix = scheme < 0 ? defaultScheme(host) : text.substring(0, scheme + 3);
    String path = name.substring(slash + 1);
    int at = path.indexOf('@');
    int colon = path.indexOf(':');
    try {
      URI server = URI.create(prefix + host);
      if (at >= 0) {
        return new ImageName(
            server,
            RepositoryName.parse(path.substring(0, at)),
            Digest.parse(path.substring(at + 1)));
      }
      return new ImageName(
          server,
          RepositoryName.parse(colon < 0 ? path : path.substring(0, colon)),
          colon < 0 ? new Tag("latest") : Tag.parse(path.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new BenchException("\"%s\": %s".formatted(text, e.getMessage()), e);
    }
  }

  private static String defaultScheme(String host) {
    boolean local =
        host.startsWith("localhost") || host.startsWith("127.") || host.startsWith("[::1]");
    return local ? "http://" : "https://";
  }
}
