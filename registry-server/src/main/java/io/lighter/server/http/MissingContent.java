package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.MetadataStore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a manifest names and its repository does not have, where that is allowed. Thread-safe and
 * blocking.
 */
final class MissingContent {
  /** So that a warning of digests of any length stays far below 4096 bytes. */
  private static final int MOST_NAMED = 8;

  private final MetadataStore metadata;

  MissingContent(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /** What a pusher should know about a manifest that was taken; empty if nothing is missing. */
  Optional<String> warning(RepositoryName repository, ManifestView view) {
    List<Digest> missing =
        Stream.concat(
                view.requiredBlobs().stream()
                    .map(Descriptor::digest)
                    .filter(blob -> !hasBlob(repository, blob)),
                view.manifests().stream()
                    .map(Descriptor::digest)
                    .filter(
                        child -> !hasBlob(repository, child) && !hasManifest(repository, child)))
            .distinct()
            .limit(MOST_NAMED + 1)
            .toList();
    return missing.isEmpty() ? Optional.empty() : Optional.of(text(repository, missing));
  }

  private static String text(RepositoryName repository, List<Digest> missing) {
    String named =
        missing.stream().limit(MOST_NAMED).map(Digest::toString).collect(Collectors.joining(", "));
    return "the manifest was stored, but repository %s does not have %s%s"
        .formatted(repository, named, missing.size() > MOST_NAMED ? " and more" : "");
  }

  private boolean hasBlob(RepositoryName repository, Digest digest) {
    return metadata.linkedBlob(repository, digest).isPresent();
  }

  private boolean hasManifest(RepositoryName repository, Digest digest) {
    return metadata.manifest(repository, digest).isPresent();
  }
}
