package io.lighter.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.Leases;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which blobs were readable through which names a moment ago, so that a range of a blob that is
 * open already is answered on the event loop, without a look at any store. Never blocks;
 * thread-safe.
 *
 * <p>An entry is a permission, so forgetting must win every race: a generation counter drops what a
 * slow request learned before a delete and would note after it.
 */
final class HotBlobs {
  private static final int MAX_ENTRIES = 100_000;

  private final BlobStore blobs;
  private final Leases leases;
  private final Cache<Key, KnownBlob> readable =
      Caffeine.newBuilder()
          .maximumSize(MAX_ENTRIES)
          .expireAfterWrite(Duration.ofMinutes(1))
          .build();
  private final AtomicLong generation = new AtomicLong();

  HotBlobs(BlobStore blobs, Leases leases) {
    this.blobs = blobs;
    this.leases = leases;
  }

  /** Answers a GET or HEAD if that needs no waiting at all. Safe on an event loop. */
  Optional<Answer> tryAnswer(
      HttpMethod method, Endpoint.Blob endpoint, Optional<String> namespace, MultiMap headers) {
    var digest = Digest.tryParse(endpoint.digest());
    if (digest.isEmpty()) {
      return Optional.empty();
    }
    var key = new Key(endpoint.name(), namespace.orElse(""), digest.get());
    KnownBlob known = readable.getIfPresent(key);
    boolean head = method.equals(HttpMethod.HEAD);
    if (known == null
        || !leases.tryKeep(
            known.repository(), digest.get(), head ? Leases.Use.ASK : Leases.Use.READ)
        // Forgotten before it was leased: it may be gone.
        || readable.getIfPresent(key) == null) {
      return Optional.empty();
    }
    BlobInfo blob = known.blob();
    var content = Representation.blob(blob.digest(), known.namespace());
    if (head) {
      return Optional.of(ContentAnswers.head(content, blob.size(), headers));
    }
    Optional<BlobSource> source = blobs.tryOpen(blob.digest());
    return source.map(open -> ContentAnswers.get(content, open, headers));
  }

  /** To be taken before a look at the stores whose outcome will be noted. */
  long generation() {
    return generation.get();
  }

  /**
   * Notes that a complete blob is readable through a name, unless something was deleted since.
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
    var key = new Key(name, requested.orElse(""), blob.digest());
    readable.put(key, new KnownBlob(repository, blob, served));
    if (generation.get() != asOf) {
      readable.invalidate(key);
    }
  }

  /**
   * Forgets everything: something was deleted or collected, or a name means another repository now.
   */
  void forgetAll() {
    generation.incrementAndGet();
    readable.invalidateAll();
  }

  private record KnownBlob(RepositoryName repository, BlobInfo blob, Optional<String> namespace) {}

  private record Key(String name, String namespace, Digest digest) {}
}
