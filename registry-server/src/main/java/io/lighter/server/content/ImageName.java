package io.lighter.server.content;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.OciErrorCode;
import io.lighter.oci.Reference;
import io.lighter.oci.Tag;

/**
 * An image as people name it: {@code docker.io/library/nginx:1.27}, {@code nginx}, {@code
 * ghcr.io/team/app@sha256:…}.
 *
 * @param repository the name without tag or digest, as it stands in a path
 * @param reference its tag, {@code latest} if none is said, or its digest; the digest of both
 */
public record ImageName(String repository, Reference reference) {
  private static final Tag DEFAULT_TAG = new Tag("latest");

  public ImageName {
    if (repository.isEmpty()) {
      throw new InvalidReferenceException(
          OciErrorCode.NAME_INVALID,
          "\"\" is not allowed; allowed: a name such as docker.io/library/nginx:1.27");
    }
  }

  /**
   * Parses a name.
   *
   * @throws InvalidReferenceException if it is none
   */
  public static ImageName parse(String text) {
    int at = text.indexOf('@');
    String tagged = at < 0 ? text : text.substring(0, at);
    int colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
    String repository = colon < 0 ? tagged : tagged.substring(0, colon);
    Reference tag = colon < 0 ? DEFAULT_TAG : Tag.parse(tagged.substring(colon + 1));
    return new ImageName(repository, at < 0 ? tag : Digest.parse(text.substring(at + 1)));
  }

  @Override
  public String toString() {
    return switch (reference) {
      case Tag tag -> repository + ':' + tag;
      case Digest digest -> repository + '@' + digest;
    };
  }
}
