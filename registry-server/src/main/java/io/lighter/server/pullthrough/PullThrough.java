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
import java.util.function.Supplier;

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
  private final Rests rests;
  private final MirroredLists lists;
  private final ImageAhead ahead;
  private final Refusals refusals;
  private final MirroredManifests mirrored;
  private final TagConfirmations confirmations;
  private final UpstreamObserver observer;
  private final SingleFlight<ManifestKey, Manifest> manifests = new SingleFlight<>();

  /** Who asks an upstream that is configured otherwise now does not wait for the one before. */
  private record ManifestKey(MirroredRepository repository, Digest digest) {}

  /**
   * What upstreams have, and what is here of it.
   *
   * @param onStored is told when a manifest was stored, or a tag names another one
   */
  public PullThrough(
      BlobStore blobs,
      MetadataStore metadata,
      FetchTable fetches,
      Clock clock,
      UpstreamObserver observer,
      Runnable onStored) {
    this.blobs = blobs;
    this.metadata = metadata;
    this.fetches = fetches;
    this.observer = observer;
    this.rests = new Rests(clock, "tags");
    var revalidation = new Revalidation(rests, observer);
    this.refusals = new Refusals(clock, observer);
    this.ahead = new ImageAhead(this);
    this.mirrored = new MirroredManifests(metadata, clock, this::expectStart, onStored);
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
   * Has upstream asked about a tag at the next request for it; false if it is not known here. It is
   * as old then as one that has to be confirmed, not older, so that it can still be answered if
   * upstream does not answer.
   */
  public boolean confirmAgain(MirroredRepository repository, Tag tag) {
    return confirmations.expire(repository, tag);
  }

  /** For how long what was said of a tag may be said again; zero if it has to be asked about. */
  public Duration holds(MirroredRepository repository, ResolvedTag tag) {
    return confirmations.holds(repository, tag);
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
        .orElseGet(() ->
            manifests.get(new ManifestKey(repository, digest), () -> pulled(repository, digest)));
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
   * Opens a blob, and begins to fetch it if it is not here. One that the disk has no room for
   * passes through.
   *
   * @return the blob, or a {@link BlobSource.Growing} one, which fails with what went wrong: before
   *     the first byte that can still become a status, after it the client's connection must be
   *     reset
   */
  public BlobSource open(MirroredRepository repository, Digest digest) {
    ahead.opened(digest);
    for (int tries = 1; ; tries++) {
      BlobInfo blob = known(repository, digest);
      Supplier<BlobSource.Growing> passing =
          () -> new PassingBlob(repository, digest, blob.size(), observer);
      try {
        return fetches
            .join(repository, digest, blob.size())
            .flatMap(BlobFetch::open)
            .<BlobSource>map(kept -> new KeptOrPassing(kept, passing))
            .orElseGet(() -> blobs.open(digest));
      } catch (StorageException.OutOfSpace _) {
        return passing.get();
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
    return fetches.join(repository, digest, known(repository, digest).size());
  }

  private BlobInfo known(MirroredRepository repository, Digest digest) {
    return metadata
        .linkedBlob(repository.local(), digest)
        .orElseGet(() -> confirm(repository, digest));
  }

  /** Somebody has pulled a manifest, and may be about to start what it describes. */
  private void expectStart(MirroredRepository repository, Manifest manifest) {
    fetches.startExpected(repository);
    ahead.pulled(repository, manifest);
  }

  private Manifest pulled(MirroredRepository repository, Digest digest) {
    Optional<Manifest> stored = metadata.manifest(repository.local(), digest);
    if (stored.isPresent()) {
      return stored.get();
    }
    rests.requireUnlimited(repository.upstream().settings());
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
    return refusals.ask(repository, "blobs/" + digest, () -> linked(repository, digest));
  }

  private BlobInfo linked(MirroredRepository repository, Digest digest) {
    long stated = repository.upstream().blobSize(repository.remote(), digest);
    BlobInfo blob = blobs.stat(digest).orElseGet(() -> new BlobInfo(digest, stated));
    link(repository, blob);
    return blob;
  }

  private void link(MirroredRepository repository, BlobInfo blob) {
    metadata.linkBlob(repository.local(), RepositoryKind.MIRRORED, blob);
  }
}
