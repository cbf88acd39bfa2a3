package io.lighter.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.access.Action;
import io.lighter.server.access.Rights;
import io.lighter.server.content.View;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.Leases;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What was readable through which names a moment ago, so that a range of a blob that is open
 * already, or a manifest, is answered on the event loop, without a look at any store. Never blocks;
 * thread-safe.
 *
 * <p>An entry is a permission, so forgetting must win every race: a generation counter drops what a
 * slow request learned before a change and would note after it.
 */
public final class HotContent {
  private static final int MAX_BLOBS = 100_000;
  private static final long MAX_MANIFEST_BYTES = 16 << 20;

  /** For seconds only: that a manifest is pulled tells the conversion what is wanted. */
  private static final Duration MAX_MANIFEST_AGE = Duration.ofSeconds(10);

  /** What an entry costs beside its manifest. */
  private static final int OVERHEAD = 1024;

  private final BlobStore blobs;
  private final Leases leases;
  private final LongSupplier settings;
  private final Cache<BlobKey, KnownBlob> readable =
      Caffeine.newBuilder().maximumSize(MAX_BLOBS).expireAfterWrite(Duration.ofMinutes(1)).build();

  private final Cache<ManifestKey, Noted> manifests =
      Caffeine.newBuilder()
          .maximumWeight(MAX_MANIFEST_BYTES)
          .<ManifestKey, Noted>weigher(
              (_, noted) -> OVERHEAD + noted.known().manifest().content().length)
          .expireAfter(Expiry.<ManifestKey, Noted>writing((_, noted) -> noted.holds()))
          .build();

  private final AtomicLong generation = new AtomicLong();

  /**
   * Knows nothing yet.
   *
   * @param settings the number of what the caller is answered by: a name may mean another
   *     repository by other settings, so what was noted by some is unknown by others
   */
  public HotContent(BlobStore blobs, Leases leases, LongSupplier settings) {
    this.blobs = blobs;
    this.leases = leases;
    this.settings = settings;
  }

  /**
   * Answers a GET or HEAD if that needs no waiting at all, and its caller may have it. Safe on an
   * event loop.
   */
  Optional<Hit> tryAnswer(
      boolean head,
      Endpoint endpoint,
      Optional<String> namespace,
      Selection selection,
      Rights rights) {
    return switch (endpoint) {
      case Endpoint.Blob blob -> blob(head, blob, namespace, selection, rights);
      case Endpoint.Manifest manifest -> manifest(head, manifest, namespace, selection, rights);
      case Endpoint.Ping _,
          Endpoint.Token _,
          Endpoint.Catalog _,
          Endpoint.Uploads _,
          Endpoint.Upload _,
          Endpoint.Tags _,
          Endpoint.Referrers _ ->
          Optional.empty();
    };
  }

  private Optional<Hit> blob(
      boolean head,
      Endpoint.Blob endpoint,
      Optional<String> namespace,
      Selection selection,
      Rights rights) {
    var key = blobKey(endpoint.name(), namespace, endpoint.digest());
    KnownBlob known = readable.getIfPresent(key);
    if (known == null
        || !rights.may(Action.PULL, endpoint.name(), namespace, known.repository())
        || !keep(known.repository(), known.blob().digest(), head)
        // Forgotten before it was leased: it may be gone.
        || readable.getIfPresent(key) == null) {
      return Optional.empty();
    }
    Digest digest = known.blob().digest();
    return head
        ? Optional.of(
            new Hit(ContentAnswers.head(known.content(), known.blob().size(), selection), digest))
        : blobs
            .tryOpen(digest)
            .map(open -> new Hit(ContentAnswers.get(known.content(), open, selection), digest));
  }

  private Optional<Hit> manifest(
      boolean head,
      Endpoint.Manifest endpoint,
      Optional<String> namespace,
      Selection selection,
      Rights rights) {
    var key = manifestKey(endpoint, namespace, selection);
    Noted noted = manifests.getIfPresent(key);
    if (noted == null) {
      return Optional.empty();
    }
    KnownManifest known = noted.known();
    if (!(head || known.pulled())
        || !rights.may(Action.PULL, endpoint.name(), namespace, known.repository())
        || !keep(known.repository(), known.manifest().digest(), head)
        || manifests.getIfPresent(key) == null) {
      return Optional.empty();
    }
    return Optional.of(new Hit(known.answer(head, selection), null));
  }

  private boolean keep(RepositoryName repository, Digest digest, boolean head) {
    return leases.tryKeep(repository, digest, head ? Leases.Use.ASK : Leases.Use.READ);
  }

  /** To be taken before a look at the stores whose outcome will be noted. */
  long generation() {
    return generation.get();
  }

  /**
   * Notes that a complete blob is readable through a name, unless something was changed since.
   *
   * @param requested the namespace that the request named
   * @param repository the repository that the request meant
   * @param served the namespace that the answer named
   */
  void note(
      String name,
      Optional<String> requested,
      RepositoryName repository,
      Optional<String> served,
      BlobInfo blob,
      long asOf) {
    var key = blobKey(name, requested, blob.digest().toString());
    readable.put(key, new KnownBlob(repository, blob, Representation.blob(blob.digest(), served)));
    if (generation.get() != asOf) {
      readable.invalidate(key);
    }
  }

  /**
   * Notes what a request for a manifest is answered, unless something was changed since.
   *
   * @param holds for how long the same may be answered; nothing is noted if that is zero
   */
  void note(
      Endpoint.Manifest endpoint,
      Optional<String> namespace,
      Selection selection,
      KnownManifest known,
      Duration holds,
      long asOf) {
    if (holds.isZero()) {
      return;
    }
    var key = manifestKey(endpoint, namespace, selection);
    Duration least = holds.compareTo(MAX_MANIFEST_AGE) < 0 ? holds : MAX_MANIFEST_AGE;
    manifests.put(key, new Noted(known, least));
    if (generation.get() != asOf) {
      manifests.invalidate(key);
    }
  }

  /**
   * Forgets what manifests were answered: one was stored from upstream, or a tag is to be confirmed
   * again. Also those that were pulled before their tag: the conversion wants only what is tagged.
   * Blobs are as readable as before.
   */
  public void forgetManifests() {
    generation.incrementAndGet();
    manifests.invalidateAll();
  }

  /**
   * Forgets everything: something was pushed, converted, deleted or collected, or a name means
   * another repository now.
   */
  public void forgetAll() {
    generation.incrementAndGet();
    readable.invalidateAll();
    manifests.invalidateAll();
  }

  /**
   * An answer that can be written now.
   *
   * @param blob the blob that it is about; null if it is about a manifest
   */
  record Hit(Answer answer, @Nullable Digest blob) {}

  private record KnownBlob(RepositoryName repository, BlobInfo blob, Representation content) {}

  /** With the digest as requests have it, which is never parsed: what is no digest is not noted. */
  private record BlobKey(String name, String namespace, String digest, long settings) {}

  private BlobKey blobKey(String name, Optional<String> namespace, String digest) {
    return new BlobKey(name, namespace.orElse(""), digest, settings.getAsLong());
  }

  private record Noted(KnownManifest known, Duration holds) {}

  /**
   * What a manifest is answered with.
   *
   * @param repository the repository that the request meant
   * @param view the view that a tag was resolved to, as the header has it
   * @param pulled whether the conversion has heard of it: a GET tells, a HEAD does not
   */
  record KnownManifest(
      RepositoryName repository,
      Manifest manifest,
      Representation content,
      Optional<String> view,
      boolean pulled) {

    Answer answer(boolean head, Selection selection) {
      byte[] bytes = manifest.content();
      Answer answer =
          head
              ? ContentAnswers.head(content, bytes.length, selection)
              : ContentAnswers.get(content, new BlobSource.Memory(bytes), selection);
      return view.map(value -> answer.with(View.HEADER, value)).orElse(answer);
    }
  }

  private record ManifestKey(
      String name, String namespace, String reference, String view, long settings) {}

  private ManifestKey manifestKey(
      Endpoint.Manifest endpoint, Optional<String> namespace, Selection selection) {
    return new ManifestKey(
        endpoint.name(),
        namespace.orElse(""),
        endpoint.reference(),
        selection.view(),
        settings.getAsLong());
  }
}
