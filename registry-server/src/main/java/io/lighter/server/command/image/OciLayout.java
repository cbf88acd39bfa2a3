package io.lighter.server.command.image;

import io.lighter.oci.Digest;
import java.nio.file.Path;

/** Names of the OCI Image Layout Specification. */
final class OciLayout {

  static final String INDEX = "index.json";

  static final String MARKER = "oci-layout";

  static final String MARKER_CONTENT = "{\"imageLayoutVersion\":\"1.0.0\"}";

  /** Annotation that names an image in the index. */
  static final String NAME = "org.opencontainers.image.ref.name";

  private OciLayout() {}

  static Path blob(Path layout, Digest digest) {
    return layout.resolve("blobs").resolve(digest.algorithm().identifier()).resolve(digest.hex());
  }
}
