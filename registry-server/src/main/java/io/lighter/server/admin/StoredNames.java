package io.lighter.server.admin;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.content.ImageName;
import io.lighter.server.content.Repositories;
import io.lighter.server.upstream.UnknownNamespaceException;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagRecord;
import java.util.Optional;

/**
 * What people mean by a name, of what is stored.
 *
 * @param repositories understand short names
 * @param metadata knows what is stored
 */
public record StoredNames(Repositories repositories, MetadataStore metadata) {

  /** Mirrored repositories have the host of their upstream in front. */
  public static String upstream(RepositoryName repository, RepositoryKind kind) {
    String name = repository.value();
    int slash = name.indexOf('/');
    return kind == RepositoryKind.MIRRORED && slash > 0 ? name.substring(0, slash) : "";
  }

  /**
   * A repository that is stored.
   *
   * @throws AdminException.Invalid if it is no name of one
   * @throws AdminException.Missing if there is none of that name
   */
  public RepositoryName repository(String text) {
    try {
      RepositoryName literal = RepositoryName.parse(text);
      if (metadata.repository(literal).isPresent()) {
        return literal;
      }
      RepositoryName meant = repositories.resolve(text, Optional.empty()).name();
      if (metadata.repository(meant).isPresent()) {
        return meant;
      }
    } catch (UnknownNamespaceException | InvalidReferenceException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    }
    throw new AdminException.Missing("no repository is stored under the name " + text);
  }

  /** Its kind; hosted, if it was removed meanwhile. */
  public RepositoryKind kind(RepositoryName repository) {
    return metadata.repository(repository).orElse(RepositoryKind.HOSTED);
  }

  /**
   * The digest of an image whose manifest is stored.
   *
   * @throws AdminException.Missing if it is not
   */
  public Digest image(RepositoryName repository, ImageName image) {
    return Optional.of(
            switch (image.reference()) {
              case Digest digest -> digest;
              case Tag tag ->
                  metadata
                      .tag(repository, tag)
                      .map(TagRecord::digest)
                      .orElseThrow(() -> missing(image));
            })
        .filter(digest -> metadata.manifest(repository, digest).isPresent())
        .orElseThrow(() -> missing(image));
  }

  private static AdminException.Missing missing(ImageName image) {
    return new AdminException.Missing(image + " is not stored");
  }
}
