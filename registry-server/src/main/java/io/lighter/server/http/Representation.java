package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import java.util.Optional;

/**
 * What the headers of an answer say about content.
 *
 * @param digest its digest, also its entity tag
 * @param mediaType its {@code Content-Type}
 * @param immutable whether the address can never mean anything else, so that caches may keep it
 * @param namespace upstream that it is mirrored from, for the {@code OCI-Namespace} header
 */
record Representation(
    Digest digest, String mediaType, boolean immutable, Optional<String> namespace) {

  /** A blob, whose type nobody knows. */
  static Representation blob(Digest digest, Optional<String> namespace) {
    return new Representation(digest, MediaTypes.OCTET_STREAM, true, namespace);
  }
}
