package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.SingleFlight;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Which manifest a tag of an upstream names: as it was last confirmed while that is recent enough,
 * else as upstream says now. Confirming costs one HEAD, which public registries do not count, and a
 * GET only if the tag moved to something that is not here.
 *
 * <p>An upstream that does not answer is left alone for a while, and a tag that is known never
 * waits long for it: nodes must be able to start pods while a registry is down or slow. Whether a
 * known tag is answered then is up to the upstream's {@link StalePolicy}. A tag that is asked for
 * in the last quarter of its time is confirmed meanwhile.
 */
final class TagConfirmations {

  /** Who asks an upstream that is configured otherwise now does not wait for the one before. */
  private record Key(UpstreamRegistry upstream, RepositoryName repository, Tag tag) {}

  private final MirroredManifests manifests;
  private final MetadataStore metadata;
  private final Revalidation revalidation;
  private final Refusals refusals;
  private final Clock clock;
  private final SingleFlight<Key, TagRecord> flights = new SingleFlight<>();

  /** Names of upstreams of which a tag is being confirmed before its time. */
  private final Set<String> refreshing = ConcurrentHashMap.newKeySet();

  TagConfirmations(
      MirroredManifests manifests,
      MetadataStore metadata,
      Revalidation revalidation,
      Refusals refusals,
      Clock clock) {
    this.manifests = manifests;
    this.metadata = metadata;
    this.revalidation = revalidation;
    this.refusals = refusals;
    this.clock = clock;
  }

  ResolvedTag resolve(MirroredRepository repository, Tag tag) {
    var key = new Key(repository.upstream(), repository.local(), tag);
    Optional<TagRecord> known = metadata.tag(key.repository(), tag);
    if (known.isEmpty()) {
      return confirmed(
          revalidation.askNow(repository.upstream(), flights, key, () -> confirm(repository, key)));
    }
    if (!isFresh(repository, known.get())) {
      return reconfirm(repository, key, known.get());
    }
    if (!isYoung(repository, known.get())) {
      refresh(repository, key);
    }
    return confirmed(known.get());
  }

  /**
   * Confirms a tag that is in demand before its time is over, so that no client waits for it. One
   * of an upstream at a time: clients go first, and what is left undone is left to the next who
   * asks.
   */
  private void refresh(MirroredRepository repository, Key key) {
    String upstream = repository.upstream().name();
    if (revalidation.rests(repository.upstream(), key.repository().value())
        || !refreshing.add(upstream)) {
      return;
    }
    boolean begun =
        flights.begin(
            key,
            () -> {
              try {
                return confirm(repository, key);
              } finally {
                refreshing.remove(upstream);
              }
            });
    if (!begun) {
      refreshing.remove(upstream);
    }
  }

  private ResolvedTag reconfirm(MirroredRepository repository, Key key, TagRecord known) {
    Supplier<TagRecord> question = () -> confirm(repository, key);
    return switch (revalidation.ask(
        repository.upstream(), key.repository().value(), age(known), flights, key, question)) {
      case Revalidation.News.Confirmed<TagRecord>(var record) -> confirmed(record);
      case Revalidation.News.Stale<TagRecord>(var reason) ->
          new ResolvedTag(known.digest(), known.confirmedAt(), Optional.of(reason));
    };
  }

  /**
   * Makes a tag as old as one that has to be confirmed, and not older, so that it can still be
   * answered if upstream does not answer; false if it is not known.
   */
  boolean expire(MirroredRepository repository, Tag tag) {
    Optional<TagRecord> known = metadata.tag(repository.local(), tag);
    Instant due = clock.instant().minus(freshness(repository).tagTtl());
    known
        .filter(record -> record.confirmedAt().isAfter(due))
        .ifPresent(record -> metadata.confirmTag(repository.local(), tag, record.digest(), due));
    return known.isPresent();
  }

  private static ResolvedTag confirmed(TagRecord tag) {
    return new ResolvedTag(tag.digest(), tag.confirmedAt(), Optional.empty());
  }

  private boolean isFresh(MirroredRepository repository, TagRecord tag) {
    return isYounger(tag, freshness(repository).tagTtl());
  }

  /** Whether it is too early to confirm a tag again. */
  private boolean isYoung(MirroredRepository repository, TagRecord tag) {
    return isYounger(tag, youth(repository));
  }

  private static Duration youth(MirroredRepository repository) {
    return freshness(repository).tagTtl().multipliedBy(3).dividedBy(4);
  }

  /** How long it is still too early to confirm a tag again. */
  Duration holds(MirroredRepository repository, ResolvedTag tag) {
    Duration age = Duration.between(tag.confirmedAt(), clock.instant());
    Duration left = youth(repository).minus(age);
    return tag.stale().isPresent() || age.isNegative() || left.isNegative() ? Duration.ZERO : left;
  }

  /** A time in the future is that of a clock that was wrong, and proves nothing. */
  private boolean isYounger(TagRecord tag, Duration time) {
    Duration age = age(tag);
    return !age.isNegative() && age.compareTo(time) < 0;
  }

  private Duration age(TagRecord tag) {
    return Duration.between(tag.confirmedAt(), clock.instant());
  }

  private static Freshness freshness(MirroredRepository repository) {
    return repository.upstream().settings().freshness();
  }

  private TagRecord confirm(MirroredRepository repository, Key key) {
    return revalidation.watched(
        repository.upstream(), key.repository().value(), () -> ask(repository, key));
  }

  private TagRecord ask(MirroredRepository repository, Key key) {
    Optional<TagRecord> known = metadata.tag(key.repository(), key.tag());
    if (known.filter(tag -> isYoung(repository, tag)).isPresent()) {
      return known.get(); // Somebody else's question was answered just now.
    }
    return refusals.ask(
        repository,
        MirroredManifests.question(key.tag()),
        () ->
            known
                .flatMap(tag -> unmoved(repository, key, tag.digest()))
                .orElseGet(() -> pull(repository, key)));
  }

  /** Empty if only fetching the manifest tells what the tag names now. */
  private Optional<TagRecord> unmoved(MirroredRepository repository, Key key, Digest known) {
    Instant asked = clock.instant();
    Optional<Digest> now = repository.upstream().head(repository.remote(), key.tag(), known);
    if (now.equals(Optional.of(known))) {
      metadata.confirmTag(key.repository(), key.tag(), known, asked);
      return Optional.of(new TagRecord(known, asked));
    }
    // Moved to what another tag names, or named before: registries count every manifest fetched.
    return now.flatMap(digest -> metadata.manifest(key.repository(), digest))
        .map(manifest -> {
          manifests.store(repository, manifest, List.of(key.tag()));
          return new TagRecord(manifest.digest(), clock.instant());
        });
  }

  private TagRecord pull(MirroredRepository repository, Key key) {
    Manifest manifest = manifests.pull(repository, key.tag(), List.of(key.tag()));
    return new TagRecord(manifest.digest(), clock.instant());
  }
}
