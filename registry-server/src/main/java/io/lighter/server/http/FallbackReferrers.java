package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.MetadataStore;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Referrers that clients listed themselves, in an index under the subject's fallback tag, because
 * their registry had no referrers API (OCI Distribution Specification, "Referrers Tag Schema").
 * Thread-safe and blocking.
 */
final class FallbackReferrers {
  private static final Comparator<Descriptor> BY_DIGEST =
      Comparator.comparing(referrer -> referrer.digest().toString());

  private final MetadataStore metadata;

  FallbackReferrers(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /**
   * A page of referrers together with those that the fallback tag lists.
   *
   * @param page referrers in order of their digests, as the store listed them
   * @param after only referrers whose digest is greater than this
   * @param limit at most this many
   */
  List<Descriptor> merge(
      List<Descriptor> page, RepositoryName repository, Digest subject, String after, int limit) {
    List<Descriptor> listed = listed(repository, subject, after);
    if (listed.isEmpty()) {
      return page;
    }
    // A full page ends where the store's next one begins; what is beyond it belongs there.
    Optional<Descriptor> end =
        page.size() == limit ? Optional.of(page.getLast()) : Optional.empty();
    Stream<Descriptor> added =
        listed.stream()
            .filter(referrer -> end.isEmpty() || BY_DIGEST.compare(referrer, end.get()) < 0)
            .filter(referrer -> page.stream().noneMatch(p -> p.digest().equals(referrer.digest())))
            .filter(referrer -> metadata.manifest(repository, referrer.digest()).isPresent());
    return Stream.concat(page.stream(), added).sorted(BY_DIGEST).limit(limit).toList();
  }

  private List<Descriptor> listed(RepositoryName repository, Digest subject, String after) {
    return metadata
        .tag(repository, Tag.listingReferrersOf(subject))
        .flatMap(named -> metadata.manifest(repository, named.digest()))
        .map(Manifest::view)
        .map(index ->
            index.manifests().stream()
                .filter(referrer -> referrer.digest().toString().compareTo(after) > 0)
                .toList())
        .orElse(List.of());
  }
}
