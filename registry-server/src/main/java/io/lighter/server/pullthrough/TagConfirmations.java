package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which manifest a tag of an upstream names: as it was last confirmed while that is recent enough,
 * else as upstream says now. Confirming costs one HEAD, which public registries do not count, and a
 * GET only if the tag moved.
 *
 * <p>An upstream that does not answer is left alone for a while, and a tag that is known never
 * waits long for it: nodes must be able to start pods while a registry is down or slow. Whether a
 * known tag is answered then is up to the upstream's {@link StalePolicy}.
 */
final class TagConfirmations {

  /** Fetches and stores the manifest that a reference names, under these tags. */
  @FunctionalInterface
  interface Puller {
    Manifest pull(MirroredRepository repository, Reference reference, List<Tag> tags);
  }

  private record Key(RepositoryName repository, Tag tag) {}

  private final Puller puller;
  private final MetadataStore metadata;
  private final Rests rests;
  private final Clock clock;
  private final UpstreamObserver observer;
  private final SingleFlight<Key, TagRecord> flights = new SingleFlight<>();

  TagConfirmations(
      Puller puller, MetadataStore metadata, Rests rests, Clock clock, UpstreamObserver observer) {
    this.puller = puller;
    this.metadata = metadata;
    this.rests = rests;
    this.clock = clock;
    this.observer = observer;
  }

  ResolvedTag resolve(MirroredRepository repository, Tag tag) {
    var key = new Key(repository.local(), tag);
    Optional<TagRecord> known = metadata.tag(key.repository(), tag);
    if (known.isEmpty()) {
      rests.requireUnlimited(repository.upstream().name());
      return confirmed(flights.get(key, () -> confirm(repository, key)));
    }
    return isFresh(repository, known.get())
        ? confirmed(known.get())
        : reconfirm(repository, key, known.get());
  }

  private ResolvedTag reconfirm(MirroredRepository repository, Key key, TagRecord known) {
    String upstream = repository.upstream().name();
    StalePolicy policy = freshness(repository).stale();
    Duration age = age(known);
    Optional<StaleReason> resting = rests.reason(upstream);
    if (resting.isPresent() && policy.serves(resting.get(), age)) {
      return stale(upstream, known, resting.get());
    }
    rests.requireUnlimited(upstream);
    try {
      if (!policy.serves(StaleReason.SLOW, age)) {
        return confirmed(flights.get(key, () -> confirm(repository, key)));
      }
      Optional<TagRecord> answer =
          flights.get(key, () -> confirm(repository, key), policy.patience());
      if (answer.isPresent()) {
        return confirmed(answer.get());
      }
      rests.tooSlow(upstream, policy.patience());
      return stale(upstream, known, StaleReason.SLOW);
    } catch (UpstreamException e) {
      StaleReason reason = StaleReason.of(e);
      if (policy.serves(reason, age)) {
        return stale(upstream, known, reason);
      }
      throw e;
    }
  }

  private static ResolvedTag confirmed(TagRecord tag) {
    return new ResolvedTag(tag.digest(), tag.confirmedAt(), Optional.empty());
  }

  private ResolvedTag stale(String upstream, TagRecord known, StaleReason reason) {
    observer.answeredStale(upstream, reason);
    return new ResolvedTag(known.digest(), known.confirmedAt(), Optional.of(reason));
  }

  /** A time in the future is that of a clock that was wrong, and proves nothing. */
  private boolean isFresh(MirroredRepository repository, TagRecord tag) {
    Duration age = age(tag);
    return !age.isNegative() && age.compareTo(freshness(repository).tagTtl()) < 0;
  }

  private Duration age(TagRecord tag) {
    return Duration.between(tag.confirmedAt(), clock.instant());
  }

  private static Freshness freshness(MirroredRepository repository) {
    return repository.upstream().settings().freshness();
  }

  private TagRecord confirm(MirroredRepository repository, Key key) {
    String upstream = repository.upstream().name();
    try {
      TagRecord confirmed = ask(repository, key);
      rests.answers(upstream);
      return confirmed;
    } catch (UpstreamException e) {
      switch (e) {
        case UpstreamException.NotFound _, UpstreamException.Denied _ -> rests.answers(upstream);
        case UpstreamException.RateLimited limited -> rests.limited(upstream, limited);
        case UpstreamException.Unreachable failed -> rests.failed(upstream, failed);
        case UpstreamException.Invalid _ -> {}
      }
      throw e;
    }
  }

  private TagRecord ask(MirroredRepository repository, Key key) {
    Optional<TagRecord> known = metadata.tag(key.repository(), key.tag());
    if (known.isPresent()) {
      if (isFresh(repository, known.get())) {
        return known.get(); // Somebody else's question was answered just now.
      }
      Digest digest = known.get().digest();
      Instant asked = clock.instant();
      Optional<Digest> now = repository.upstream().head(repository.remote(), key.tag());
      if (now.equals(Optional.of(digest))) {
        metadata.confirmTag(key.repository(), key.tag(), digest, asked);
        return new TagRecord(digest, asked);
      }
    }
    Manifest manifest = puller.pull(repository, key.tag(), List.of(key.tag()));
    return new TagRecord(manifest.digest(), clock.instant());
  }
}
