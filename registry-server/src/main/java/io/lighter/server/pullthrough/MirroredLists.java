package io.lighter.server.pullthrough;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.StalePolicy;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The tags and referrers of mirrored repositories: what upstream lists, together with what is known
 * here and would be answered. While upstream says nothing and no list of it is known, what is known
 * here is the list, with a warning.
 *
 * <p>Thread-safe and blocking. Lists of upstreams are in memory only.
 */
final class MirroredLists {
  private static final int BATCH = 256;

  private record ReferrersKey(RepositoryName repository, Digest subject) {}

  private final MetadataStore metadata;
  private final Rests rests;
  private final Refusals refusals;
  private final UpstreamObserver observer;
  private final Clock clock;
  private final CachedLists<RepositoryName, Tag> tags;
  private final CachedLists<ReferrersKey, Descriptor> referrers;

  MirroredLists(
      MetadataStore metadata,
      Rests rests,
      Refusals refusals,
      UpstreamObserver observer,
      Clock clock) {
    this.metadata = metadata;
    this.rests = rests;
    this.refusals = refusals;
    this.observer = observer;
    this.clock = clock;
    // Of their own: a registry whose lists fail or are long may confirm tags well.
    var revalidation = new Revalidation(new Rests(clock, "lists"), observer);
    this.tags = new CachedLists<>(revalidation, clock, tag -> 64 + tag.value().length());
    this.referrers = new CachedLists<>(revalidation, clock, MirroredLists::weight);
  }

  /** A page of tags, in byte-wise order. */
  Listed<Tag> tags(MirroredRepository repository, String after, int limit) {
    var upstream = repository.upstream();
    Freshness freshness = upstream.settings().freshness();
    StalePolicy policy = freshness.stale();
    try {
      CachedLists.Found<Tag> found =
          tags.get(
              upstream,
              repository.local(),
              () -> {
                rests.requireUnlimited(upstream.settings());
                return refusals.ask(repository, "tags", () -> upstream.tags(repository.remote()));
              });
      // A tag that upstream does not list any more is not answered any more, or it is new.
      List<Tag> page =
          merge(
              repository,
              found.entries(),
              after,
              limit,
              tag -> {
                var known = metadata.tag(repository.local(), tag);
                return known.isPresent()
                    && (known.get().confirmedAt().isAfter(found.at())
                        || policy.serves(StaleReason.MISSING, age(known.get().confirmedAt())));
              });
      return new Listed<>(page, warning(repository, found));
    } catch (UpstreamException e) {
      StaleReason reason = StaleReason.of(e);
      Predicate<Tag> served =
          tag ->
              metadata
                  .tag(repository.local(), tag)
                  .map(known -> age(known.confirmedAt()))
                  .filter(
                      age -> age.compareTo(freshness.tagTtl()) < 0 || policy.serves(reason, age))
                  .isPresent();
      if (merge(repository, List.of(), "", 1, served).isEmpty()) {
        throw e;
      }
      return new Listed<>(
          merge(repository, List.of(), after, limit, served), knownHere(repository, reason));
    }
  }

  /**
   * The referrers of a manifest as upstream lists them, in order of their digests. Those that are
   * stored here are not among them unless upstream lists them too.
   */
  Listed<Descriptor> referrers(MirroredRepository repository, Digest subject) {
    var upstream = repository.upstream();
    try {
      CachedLists.Found<Descriptor> found =
          referrers.get(
              upstream,
              new ReferrersKey(repository.local(), subject),
              () -> {
                rests.requireUnlimited(upstream.settings());
                return sorted(upstream.referrers(repository.remote(), subject));
              });
      return new Listed<>(found.entries(), warning(repository, found));
    } catch (UpstreamException e) {
      StaleReason reason = StaleReason.of(e);
      boolean served = upstream.settings().freshness().stale().serves(reason, Duration.ZERO);
      if (!served || metadata.referrers(repository.local(), subject, "", 1).isEmpty()) {
        throw e;
      }
      return new Listed<>(List.of(), knownHere(repository, reason));
    }
  }

  /** Tags of upstream and of here, without those of here that are not {@code kept}. */
  private List<Tag> merge(
      MirroredRepository repository,
      List<Tag> upstream,
      String after,
      int limit,
      Predicate<Tag> kept) {
    var page = new TreeSet<Tag>();
    upstream.stream()
        .filter(tag -> tag.value().compareTo(after) > 0)
        .limit(limit)
        .forEach(page::add);
    for (String from = after; ; ) {
      List<Tag> batch = metadata.tags(repository.local(), from, BATCH);
      batch.stream()
          .filter(tag -> Collections.binarySearch(upstream, tag) < 0)
          .filter(kept)
          .forEach(page::add);
      while (page.size() > limit) {
        page.removeLast();
      }
      boolean last = batch.size() < BATCH;
      if (last || (page.size() == limit && page.getLast().compareTo(batch.getLast()) <= 0)) {
        return List.copyOf(page);
      }
      from = batch.getLast().value();
    }
  }

  private Duration age(Instant confirmedAt) {
    return Duration.between(confirmedAt, clock.instant());
  }

  private static Optional<String> warning(
      MirroredRepository repository, CachedLists.Found<?> found) {
    return found.stale().map(reason -> reason.warning(repository.upstream().name(), found.at()));
  }

  private Optional<String> knownHere(MirroredRepository repository, StaleReason reason) {
    String name = repository.upstream().name();
    observer.answeredStale(name, reason);
    return Optional.of(reason.warningOfPart(name));
  }

  private static List<Descriptor> sorted(List<Descriptor> listed) {
    var byDigest = new ArrayList<Descriptor>();
    listed.stream()
        .sorted(Comparator.comparing(referrer -> referrer.digest().toString()))
        .forEach(referrer -> {
          if (byDigest.isEmpty() || !byDigest.getLast().digest().equals(referrer.digest())) {
            byDigest.add(referrer);
          }
        });
    return byDigest;
  }

  private static int weight(Descriptor referrer) {
    int annotations =
        referrer.annotations().entrySet().stream()
            .mapToInt(entry -> 128 + entry.getKey().length() + entry.getValue().length())
            .sum();
    return 512 + annotations;
  }
}
