package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagCondition;
import io.lighter.storage.TagRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Content of upstreams, kept here from the first time somebody asks for it. A digest that is stored
 * is answered without upstream for ever; a tag is confirmed again after its time, and answered as
 * it was if upstream does not answer.
 *
 * <p>Every method blocks, is thread-safe, and throws an {@link UpstreamException} if upstream was
 * needed and did not help, or a {@link StorageException}.
 */
public final class PullThrough {

  private static final int OPEN_TRIES = 3;

  private final BlobStore blobs;
  private final MetadataStore metadata;
  private final FetchTable fetches;
  private final Clock clock;
  private final TagConfirmations confirmations;
  private final SingleFlight<ManifestKey, Manifest> manifests = new SingleFlight<>();

  private record ManifestKey(RepositoryName repository, Digest digest) {}

  public PullThrough(
      BlobStore blobs,
      MetadataStore metadata,
      FetchTable fetches,
      Clock clock,
      UpstreamObserver observer) {
    this.blobs = blobs;
    this.metadata = metadata;
    this.fetches = fetches;
    this.clock = clock;
    this.confirmations = new TagConfirmations(this::pull, metadata, clock, observer);
  }

  /**
   * What a tag names. The manifest is stored when this returns.
   *
   * @throws UpstreamException.NotFound if upstream does not have the tag, even if it had it before
   */
  public ResolvedTag tag(MirroredRepository repository, Tag tag) {
    return confirmations.resolve(repository, tag);
  }

  /**
   * Has upstream asked about a tag at the next request for it; false if it is not known here. It is
   * as old then as one that has to be confirmed, not older, so that it can still be answered if
   * upstream does not answer.
   */
  public boolean confirmAgain(MirroredRepository repository, Tag tag) {
    Optional<TagRecord> known = metadata.tag(repository.local(), tag);
    Instant due = clock.instant().minus(repository.upstream().settings().tagTtl());
    known
        .filter(record -> record.confirmedAt().isAfter(due))
        .ifPresent(record -> metadata.confirmTag(repository.local(), tag, record.digest(), due));
    return known.isPresent();
  }

  /** A manifest by its digest, from here if it was ever pulled. */
  public Manifest manifest(MirroredRepository repository, Digest digest) {
    RepositoryName local = repository.local();
    return metadata
        .manifest(local, digest)
        .orElseGet(() ->
            manifests.get(
                new ManifestKey(local, digest),
                () ->
                    metadata
                        .manifest(local, digest)
                        .orElseGet(() -> pull(repository, digest, List.of()))));
  }

  /** The size of a blob, without fetching it. */
  public BlobInfo stat(MirroredRepository repository, Digest digest) {
    Optional<BlobInfo> linked = metadata.linkedBlob(repository.local(), digest);
    if (linked.isPresent()) {
      // A manifest may lie about a size; the store does not.
      return blobs.stat(digest).orElseGet(linked::get);
    }
    return confirm(repository, digest);
  }

  /**
   * Opens a blob, and begins to fetch it if it is not here.
   *
   * @return the blob, or a {@link BlobSource.Growing} one, which fails with what went wrong: before
   *     the first byte that can still become a status, after it the client's connection must be
   *     reset
   */
  public BlobSource open(MirroredRepository repository, Digest digest) {
    for (int tries = 1; ; tries++) {
      Optional<BlobFetch> fetch = join(repository, digest);
      try {
        return fetch.flatMap(BlobFetch::open).orElseGet(() -> blobs.open(digest));
      } catch (StorageException.BlobMissing e) {
        if (tries == OPEN_TRIES) {
          throw e;
        }
        // It was evicted between the two questions.
      }
    }
  }

  /** Returns when the blob is in the store, complete and verified, and linked. */
  public void fetch(MirroredRepository repository, Digest digest) {
    join(repository, digest).ifPresent(BlobFetch::await);
  }

  /** The fetch of a blob that this repository has; empty if the store has the blob. */
  private Optional<BlobFetch> join(MirroredRepository repository, Digest digest) {
    BlobInfo blob =
        metadata
            .linkedBlob(repository.local(), digest)
            .orElseGet(() -> confirm(repository, digest));
    return fetches.join(repository, digest, blob.size());
  }

  /**
   * Has upstream say that a blob is in this repository, and links it. Without that, whoever knows a
   * digest could read it through any repository.
   */
  private BlobInfo confirm(MirroredRepository repository, Digest digest) {
    long stated = repository.upstream().blobSize(repository.remote(), digest);
    BlobInfo blob = blobs.stat(digest).orElseGet(() -> new BlobInfo(digest, stated));
    link(repository, blob);
    return blob;
  }

  private void link(MirroredRepository repository, BlobInfo blob) {
    metadata.linkBlob(repository.local(), RepositoryKind.MIRRORED, blob);
  }

  /** Fetches a manifest and stores it under its digest and these tags. */
  private Manifest pull(MirroredRepository repository, Reference reference, List<Tag> tags) {
    Manifest manifest = repository.upstream().manifest(repository.remote(), reference);
    var view = manifest.view();
    metadata.putManifest(
        new ManifestPut(
            repository.local(),
            RepositoryKind.MIRRORED,
            manifest,
            view,
            tags,
            TagCondition.NONE,
            clock.instant(),
            view.requiredBlobs(),
            false));
    return manifest;
  }
}
