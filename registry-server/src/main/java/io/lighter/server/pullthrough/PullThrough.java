package io.lighter.server.pullthrough;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Content of upstreams, kept here from the first time somebody asks for it. A digest that is stored
 * is answered without upstream for ever; a tag is confirmed again after its time, and answered as
 * it was if upstream does not answer.
 *
 * <p>Every method blocks, is thread-safe, and throws an {@link UpstreamException} if upstream was
 * needed and did not help, or a {@link StorageException}.
 */
public final class PullThrough {

  /** Clients wait 30 s for the head of an answer; they are told to come again before that. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(25);

  private static final int OPEN_TRIES = 3;

  private final BlobStore blobs;
  private final MetadataStore metadata;
  private final FetchTable fetches;
  private final Rests rests;
  private final MirroredLists lists;
  private final Refusals refusals;
  private final MirroredManifests mirrored;
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
    this.rests = new Rests(clock, "tags");
    var revalidation = new Revalidation(rests, observer);
    this.refusals = new Refusals(clock, observer);
    this.mirrored = new MirroredManifests(metadata, clock);
    this.confirmations = new TagConfirmations(mirrored, metadata, revalidation, refusals, clock);
    this.lists = new MirroredLists(metadata, rests, refusals, observer, clock);
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
   * A page of the tags of a repository, in byte-wise order: those that upstream lists, and those
   * that are answered although it does not.
   */
  public Listed<Tag> tags(MirroredRepository repository, String after, int limit) {
    return lists.tags(repository, after, limit);
  }

  /**
   * What refers to a manifest as upstream says, in order of the digests. What is stored here and
   * refers to it is not among them unless upstream lists it too.
   */
  public Listed<Descriptor> referrers(MirroredRepository repository, Digest subject) {
    return lists.referrers(repository, subject);
  }

  /** A manifest by its digest, from here if it was ever pulled. */
  public Manifest manifest(MirroredRepository repository, Digest digest) {
    RepositoryName local = repository.local();
    return metadata
        .manifest(local, digest)
        .orElseGet(
            () -> manifests.get(new ManifestKey(local, digest), () -> pulled(repository, digest)));
  }

  /** The size of a blob, without fetching it. */
  public BlobInfo stat(MirroredRepository repository, Digest digest) {
    Optional<BlobInfo> linked = metadata.linkedBlob(repository.local(), digest);
    if (linked.isPresent()) {
      // A manifest may lie about a size; the store does not.
      return blobs.stat(digest).orElseGet(linked::get);
    }
    return refusals.ask(repository, "blobs/" + digest, () -> confirm(repository, digest));
  }

  /**
   * Opens a blob, and begins to download it if it is not here. Returns as soon as upstream has
   * answered, so that whatever it answers can still become a status.
   *
   * @return the blob, or a {@link BlobSource.Growing} one, whose reads may fail with an {@link
   *     UpstreamException}: then the client's connection must be reset
   */
  public BlobSource open(MirroredRepository repository, Digest digest) {
    for (int tries = 1; ; tries++) {
      Optional<BlobSource> source = tryOpen(repository, digest, tries == OPEN_TRIES);
      if (source.isPresent()) {
        return source.get();
      }
    }
  }

  /** Returns when the blob is in the store, complete and verified, and linked. */
  public void fetch(MirroredRepository repository, Digest digest) {
    for (int tries = 1; ; tries++) {
      Optional<BlobInfo> linked = metadata.linkedBlob(repository.local(), digest);
      Optional<BlobFetch> fetch = fetches.join(repository, digest, size(linked));
      if (linked.isEmpty() && !asks(fetch, repository)) {
        confirm(repository, digest);
      }
      if (fetch.isEmpty()) {
        return;
      }
      try {
        BlobInfo blob = fetch.get().await();
        if (linked.isEmpty()) {
          link(repository, blob);
        }
        return;
      } catch (UpstreamException e) {
        if (tries == OPEN_TRIES || asks(fetch, repository)) {
          throw e;
        }
      }
    }
  }

  /**
   * Empty if it is worth another try: a download that was joined failed for another repository, or
   * the blob was evicted just before it was opened.
   */
  private Optional<BlobSource> tryOpen(MirroredRepository repository, Digest digest, boolean last) {
    Optional<BlobInfo> linked = metadata.linkedBlob(repository.local(), digest);
    Optional<BlobFetch> fetch = fetches.join(repository, digest, size(linked));
    if (linked.isEmpty() && !asks(fetch, repository)) {
      confirm(repository, digest);
    }
    try {
      if (fetch.isEmpty()) {
        return Optional.of(blobs.open(digest));
      }
      BlobSource source = fetch.get().open(ANSWER_PATIENCE).orElseGet(() -> blobs.open(digest));
      return Optional.of(linked.isPresent() ? source : link(repository, digest, source));
    } catch (StorageException.BlobMissing e) {
      if (last) {
        throw e;
      }
      return Optional.empty();
    } catch (UpstreamException e) {
      if (last || asks(fetch, repository)) {
        throw unlessDamaged(digest, e);
      }
      return Optional.empty();
    }
  }

  /** What was converted here and is damaged now was never upstream, which is not to be blamed. */
  private RuntimeException unlessDamaged(Digest digest, UpstreamException failure) {
    return failure instanceof UpstreamException.NotFound && blobs.isDamaged(digest)
        ? new StorageException.BlobDamaged(digest)
        : failure;
  }

  private static OptionalLong size(Optional<BlobInfo> blob) {
    return blob.map(BlobInfo::size).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /** Whether a download asks upstream for the blob in this very repository, which confirms it. */
  private static boolean asks(Optional<BlobFetch> fetch, MirroredRepository repository) {
    return fetch.map(BlobFetch::repository).filter(repository::equals).isPresent();
  }

  private Manifest pulled(MirroredRepository repository, Digest digest) {
    Optional<Manifest> stored = metadata.manifest(repository.local(), digest);
    if (stored.isPresent()) {
      return stored.get();
    }
    rests.requireUnlimited(repository.upstream().name());
    return refusals.ask(
        repository,
        MirroredManifests.question(digest),
        () -> mirrored.pull(repository, digest, List.of()));
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

  private BlobSource link(MirroredRepository repository, Digest digest, BlobSource source) {
    try {
      link(repository, new BlobInfo(digest, source.size()));
      return source;
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private void link(MirroredRepository repository, BlobInfo blob) {
    metadata.linkBlob(repository.local(), RepositoryKind.MIRRORED, blob);
  }
}
