package io.lighter.server.http;

import io.lighter.oci.Digest;
import io.lighter.oci.MediaTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the headers of an answer say about content. Made once for content that is asked for often.
 */
final class Representation {
  private final Digest digest;
  private final String mediaType;
  private final List<Answer.Header> headers;
  private final List<Answer.Header> describedHeaders;

  /**
   * Describes content.
   *
   * @param digest its digest, also its entity tag
   * @param mediaType its {@code Content-Type}
   * @param immutable whether the address can never mean anything else, so that caches may keep it
   * @param namespace upstream that it is mirrored from, for the {@code OCI-Namespace} header
   */
  Representation(Digest digest, String mediaType, boolean immutable, Optional<String> namespace) {
    this.digest = digest;
    this.mediaType = mediaType;
    var fixed = new ArrayList<Answer.Header>();
    fixed.add(Answer.Header.reused("Docker-Content-Digest", digest.toString()));
    fixed.add(Answer.Header.reused("ETag", EntityTags.of(digest)));
    fixed.add(Answer.Header.reused("Accept-Ranges", "bytes"));
    if (immutable) {
      fixed.add(Answer.Header.reused("Cache-Control", "max-age=31536000, immutable"));
    }
    namespace.ifPresent(host -> fixed.add(Answer.Header.reused("OCI-Namespace", host)));
    this.headers = List.copyOf(fixed);
    fixed.add(Answer.Header.reused("Content-Type", mediaType));
    this.describedHeaders = List.copyOf(fixed);
  }

  /** A blob, whose type nobody knows. */
  static Representation blob(Digest digest, Optional<String> namespace) {
    return new Representation(digest, MediaTypes.OCTET_STREAM, true, namespace);
  }

  Digest digest() {
    return digest;
  }

  String mediaType() {
    return mediaType;
  }

  /** What every answer about the content says. */
  List<Answer.Header> headers() {
    return headers;
  }

  /** The same, and the type of the content, which is that of the body. */
  List<Answer.Header> describedHeaders() {
    return describedHeaders;
  }
}
