package io.lighter.server.admin.view;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.StoredNames;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** {@code GET /admin/tags?repository=NAME&after=TAG&limit=N}: the tags of a repository. */
public final class TagsView implements AdminView {
  private static final String REPOSITORY = "repository";

  private final StoredNames names;
  private final MetadataStore metadata;
  private final ConversionQueue queue;
  private final ConversionStore conversions;

  public TagsView(StoredNames names, ConversionQueue queue, ConversionStore conversions) {
    this.names = names;
    this.metadata = names.metadata();
    this.queue = queue;
    this.conversions = conversions;
  }

  @Override
  public String name() {
    return "tags";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(REPOSITORY, "after", "limit");
  }

  @Override
  public Record read(AdminRequest request) {
    RepositoryName repository =
        names.repository(
            request
                .text(REPOSITORY)
                .orElseThrow(() ->
                    new AdminException.Invalid(
                        "repository is missing; allowed: a name such as docker.io/library/nginx")));
    Page<Tag> page =
        Page.of(request, (after, limit) -> metadata.tags(repository, after, limit), Tag::value);
    var states = new ImageStates(queue, conversions);
    return new Document(
        repository.value(),
        names.kind(repository).name().toLowerCase(Locale.ROOT),
        page.entries().stream().flatMap(tag -> entry(repository, tag, states)).toList(),
        page.next());
  }

  /** Nothing for a tag that was deleted meanwhile. */
  private Stream<Entry> entry(RepositoryName repository, Tag tag, ImageStates states) {
    return metadata.tag(repository, tag).stream()
        .map(record -> entry(repository, tag, record, states));
  }

  private Entry entry(RepositoryName repository, Tag tag, TagRecord record, ImageStates states) {
    Digest digest = record.digest();
    ImageStates.Found found = states.of(repository, digest);
    Optional<ManifestView> view = metadata.manifest(repository, digest).map(Manifest::view);
    return new Entry(
        tag.value(),
        digest.toString(),
        view.map(ManifestView::mediaType).orElse(""),
        view.map(manifest -> manifest.manifests().size()).orElse(0),
        view.map(TagsView::size).orElse(0L),
        found.state().text(),
        found.lazy().map(Digest::toString).orElse(""),
        found.reason());
  }

  private static long size(ManifestView image) {
    return image.requiredBlobs().stream().mapToLong(Descriptor::size).sum();
  }

  /**
   * A page.
   *
   * @param next to be asked for with {@code after}; empty at the end
   */
  private record Document(String repository, String kind, List<Entry> tags, String next) {}

  /**
   * A tag.
   *
   * @param manifests how many an index names; 0 for an image
   * @param bytes of the blobs of an image; 0 for an index, whose images differ
   * @param lazy digest of the lazy view; empty if there is none
   * @param reason why it is not lazy; empty if it is, or that is not known
   */
  private record Entry(
      String tag,
      String digest,
      String mediaType,
      int manifests,
      long bytes,
      String state,
      String lazy,
      String reason) {}
}
