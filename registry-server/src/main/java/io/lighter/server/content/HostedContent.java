package io.lighter.server.content;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** A repository that clients push to. Only blobs linked in it are readable through it. */
record HostedContent(RepositoryName name, MetadataStore metadata, BlobStore blobs)
    implements RepositoryContent {

  @Override
  public RepositoryKind kind() {
    return RepositoryKind.HOSTED;
  }

  @Override
  public Optional<String> namespace() {
    return Optional.empty();
  }

  @Override
  public boolean isShortOfPulls() {
    return false;
  }

  @Override
  public Optional<ResolvedTag> tag(Tag tag) {
    return metadata
        .tag(name, tag)
        .map(record ->
            new ResolvedTag(record.digest(), Optional.empty(), ChronoUnit.FOREVER.getDuration()));
  }

  @Override
  public Optional<Listing<Tag>> tags(String after, int limit) {
    return metadata.repository(name).map(_ -> Listing.of(metadata.tags(name, after, limit)));
  }

  @Override
  public Listing<Descriptor> upstreamReferrers(Digest subject) {
    return Listing.of(List.of());
  }

  @Override
  public boolean confirmAgain(Tag tag) {
    return false;
  }

  @Override
  public Optional<Manifest> manifest(Digest digest) {
    return metadata.manifest(name, digest);
  }

  @Override
  public Optional<BlobInfo> blob(Digest digest) {
    // A blob that was damaged is not there: whoever asks whether to upload it shall upload it.
    return metadata.linkedBlob(name, digest).filter(blob -> blobs.stat(digest).isPresent());
  }

  @Override
  public Optional<BlobSource> open(Digest digest) {
    return metadata.linkedBlob(name, digest).map(blob -> blobs.open(blob.digest()));
  }

  @Override
  public boolean fetch(Digest digest) {
    return blob(digest).isPresent();
  }
}
