package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import io.lighter.oci.Digest;
import java.net.URI;

/** How a blob is named on the command line. */
final class BlobUrl {
  private BlobUrl() {}

  /**
   * The URL of a blob that is named by URL or as {@code HOST[:PORT]/NAME@DIGEST}.
   *
   * @throws BenchException if it is neither
   */
  static URI of(String text) {
    if (text.startsWith("http://") || text.startsWith("https://")) {
      return uri(text);
    }
    ImageName name = ImageName.parse(text);
    if (!(name.reference() instanceof Digest digest)) {
      throw new BenchException(
          "\"%s\" is not allowed; allowed: a URL, or HOST[:PORT]/NAME@DIGEST".formatted(text));
    }
    return uri("%s/v2/%s/blobs/%s".formatted(name.server(), name.repository(), digest));
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new BenchException("\"%s\" is no URL: %s".formatted(text, e.getMessage()), e);
    }
  }
}
