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
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which manifest a tag of an upstream names: as it was last confirmed while that is recent enough,
 * else as upstream says now. Confirming costs one HEAD, which public registries do not count, and a
 * GET only if the tag moved.
 *
 * <p>An upstream that does not answer is left alone for a while, and a tag that is known never
 * waits long for it: nodes must be able to start pods while a registry is down or slow.
 */
final class TagConfirmations {
  private static final Logger LOG = LoggerFactory.getLogger(TagConfirmations.class);

  /** How long a tag that is known waits for upstream before it is answered as it was. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration REST_UNREACHABLE = Duration.ofSeconds(10);
  private static final Duration REST_LIMITED = Duration.ofSeconds(30);
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  /** Fetches and stores the manifest that a reference names, under these tags. */
  @FunctionalInterface
  interface Puller {
    Manifest pull(MirroredRepository repository, Reference reference, List<Tag> tags);
  }

  private record Key(RepositoryName repository, Tag tag) {}

  private final Puller puller;
  private final MetadataStore metadata;
  private final Clock clock;
  private final UpstreamObserver observer;
  private final SingleFlight<Key, TagRecord> flights = new SingleFlight<>();

  /** When an upstream that failed last is asked again about tags that are known. */
  private final Map<String, Instant> restUntil = new ConcurrentHashMap<>();

  TagConfirmations(Puller puller, MetadataStore metadata, Clock clock, UpstreamObserver observer) {
    this.puller = puller;
    this.metadata = metadata;
    this.clock = clock;
    this.observer = observer;
  }

  ResolvedTag resolve(MirroredRepository repository, Tag tag) {
    var key = new Key(repository.local(), tag);
    Optional<TagRecord> known = metadata.tag(key.repository(), tag);
    if (known.isEmpty()) {
      return answer(flights.get(key, () -> confirm(repository, key)), false);
    }
    if (isFresh(repository, known.get())) {
      return answer(known.get(), false);
    }
    if (rests(repository)) {
      return stale(repository, known.get());
    }
    try {
      return flights
          .get(key, () -> confirm(repository, key), PATIENCE)
          .map(record -> answer(record, false))
          .orElseGet(() -> stale(repository, known.get()));
    } catch (UpstreamException e) {
      return switch (e) {
        case UpstreamException.Unreachable _, UpstreamException.RateLimited _ ->
            stale(repository, known.get());
        case UpstreamException.NotFound _,
            UpstreamException.Denied _,
            UpstreamException.Invalid _ ->
            throw e;
      };
    }
  }

  private static ResolvedTag answer(TagRecord tag, boolean stale) {
    return new ResolvedTag(tag.digest(), tag.confirmedAt(), stale);
  }

  private ResolvedTag stale(MirroredRepository repository, TagRecord known) {
    observer.answeredStale(repository.upstream().name());
    return answer(known, true);
  }

  /** A time in the future is that of a clock that was wrong, and proves nothing. */
  private boolean isFresh(MirroredRepository repository, TagRecord tag) {
    Duration age = Duration.between(tag.confirmedAt(), clock.instant());
    return !age.isNegative() && age.compareTo(repository.upstream().settings().tagTtl()) < 0;
  }

  private boolean rests(MirroredRepository repository) {
    Instant until = restUntil.get(repository.upstream().name());
    return until != null && clock.instant().isBefore(until);
  }

  private TagRecord confirm(MirroredRepository repository, Key key) {
    String upstream = repository.upstream().name();
    try {
      TagRecord confirmed = ask(repository, key);
      answers(upstream);
      return confirmed;
    } catch (UpstreamException.NotFound e) {
      answers(upstream);
      throw e;
    } catch (UpstreamException.Unreachable e) {
      rest(upstream, REST_UNREACHABLE, e);
      throw e;
    } catch (UpstreamException.RateLimited e) {
      Duration wanted = e.retryAfter().orElse(REST_LIMITED);
      rest(upstream, wanted.compareTo(LONGEST_REST) < 0 ? wanted : LONGEST_REST, e);
      throw e;
    }
  }

  /** One line in the log when it begins and one when it ends, however many tags are asked for. */
  private void rest(String upstream, Duration time, UpstreamException failure) {
    if (restUntil.put(upstream, clock.instant().plus(time)) == null) {
      LOG.warn(
          "upstream {} confirms no tags now; known ones are answered as last known: {}",
          upstream,
          failure.getMessage());
    }
  }

  private void answers(String upstream) {
    if (restUntil.remove(upstream) != null) {
      LOG.info("upstream {} confirms tags again", upstream);
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
