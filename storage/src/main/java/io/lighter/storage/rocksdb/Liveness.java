package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.gc.KeepTimes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether anything keeps content, worked out from the content upwards to whatever names it, until
 * something is found that is kept by itself. The way up is short, because most of what is asked
 * about is tagged or one step below; so there is no need to mark everything from the roots down,
 * and the question can be asked again inside a mutation.
 *
 * <p>Ways up can form a circle: an index may have its own child for a subject. Each step is taken
 * once.
 */
final class Liveness {
  /** Beyond this many steps content is taken for kept, so that the writer thread is never stuck. */
  private static final int MAX_STEPS = 2000;

  private final View view;
  private final RocksLeases leases;
  private final KeepTimes times;
  private final Instant now;
  private @Nullable Set<RepositoryName> awaiting;

  Liveness(View view, RocksLeases leases, KeepTimes times) {
    this.view = view;
    this.leases = leases;
    this.times = times;
    this.now = leases.now();
  }

  /** Whether a manifest or linked blob of a repository is kept. */
  boolean isKept(RepositoryName repository, Digest digest) {
    return deadWith(repository, digest).isEmpty();
  }

  /**
   * What has to go with a manifest or linked blob: itself and every manifest above it, none of
   * which is kept. Whoever is given one of those must find all below it, so they go together.
   *
   * @return empty if it is kept
   */
  Optional<Set<Digest>> deadWith(RepositoryName repository, Digest digest) {
    RepositoryKind kind = kind(repository);
    Set<Digest> seen = new HashSet<>();
    Deque<Digest> open = new ArrayDeque<>();
    seen.add(digest);
    open.add(digest);
    while (!open.isEmpty()) {
      Digest next = open.removeFirst();
      if (seen.size() > MAX_STEPS || isRoot(repository, kind, next)) {
        return Optional.empty();
      }
      addKeepers(repository, next, seen, open);
    }
    return Optional.of(seen);
  }

  /** Whether a repository keeps a blob, or a conversion resulted in it that is waited for. */
  boolean isNeeded(Digest blob) {
    return isLinked(blob) || isAwaitedResult(blob);
  }

  /**
   * Whether an image of a repository that has this layer is to be converted, and so may have use
   * for what became of it.
   */
  boolean isAwaited(Digest layer) {
    return isAwaited(Family.HOLDERS, layer) || isAwaited(Family.MIRROR_HOLDERS, layer);
  }

  private boolean isAwaited(Family holders, Digest layer) {
    byte[] prefix = Keys.holders(layer);
    return Pages.any(
        view,
        holders,
        prefix,
        entry -> awaiting().contains(new RepositoryName(Keys.textAfter(prefix, entry.key()))));
  }

  /** Repositories with images to be converted. */
  private Set<RepositoryName> awaiting() {
    Set<RepositoryName> known = awaiting;
    if (known == null) {
      Set<RepositoryName> found = new HashSet<>();
      Pages.forEach(
          view,
          Family.JOBS,
          Keys.all(),
          entry -> {
            ConversionJob job = Records.job(entry.value());
            if (job.state() == ConversionJob.State.PENDING) {
              found.add(job.repository());
            }
          });
      awaiting = found;
      known = found;
    }
    return known;
  }

  /** Whether somebody may be about to link the blob, because he just stored it. */
  boolean wasCommittedLately(StoredBlob stored) {
    return stored.committedAt().plus(times.grace()).plus(leases.granularity()).isAfter(now);
  }

  /** Whether any repository keeps a link to the blob. */
  boolean isLinked(Digest blob) {
    return isLinked(Family.HOLDERS, blob) || isLinked(Family.MIRROR_HOLDERS, blob);
  }

  private boolean isLinked(Family holders, Digest blob) {
    byte[] prefix = Keys.holders(blob);
    return Pages.any(
        view,
        holders,
        prefix,
        entry -> isKept(new RepositoryName(Keys.textAfter(prefix, entry.key())), blob));
  }

  private boolean isAwaitedResult(Digest converted) {
    byte[] prefix = Keys.results(converted);
    return Pages.any(
        view,
        Family.RESULTS,
        prefix,
        entry -> {
          Digest source = Keys.digestAfter(prefix, entry.key());
          return isLinked(source) && isAwaited(source);
        });
  }

  private RepositoryKind kind(RepositoryName repository) {
    return view.get(Family.REPOSITORIES, Keys.repository(repository))
        .map(Records::repository)
        .orElse(RepositoryKind.HOSTED);
  }

  private boolean isRoot(RepositoryName repository, RepositoryKind kind, Digest digest) {
    return leases.current(view, repository, digest).holds(kind, times, leases.granularity(), now)
        || view.any(Family.TAGGED, Keys.tagged(repository, digest))
        || view.get(Family.JOBS, Keys.job(repository, digest))
            .map(Records::job)
            .filter(job -> job.state() == ConversionJob.State.PENDING)
            .isPresent();
  }

  /** What keeps this content if it is kept itself. */
  private void addKeepers(
      RepositoryName repository, Digest digest, Set<Digest> seen, Deque<Digest> open) {
    addAll(Family.PARENTS, Keys.parents(repository, digest), seen, open);
    byte[] originals = Keys.originals(repository, digest);
    for (var entry : view.scan(Family.ORIGINALS, originals, originals, MAX_STEPS + 1)) {
      addManifest(repository, Keys.digestAfter(originals, entry.key()), seen, open);
    }
    Optional<Digest> subject =
        view.get(Family.MANIFESTS, Keys.manifest(repository, digest))
            .map(Records::manifest)
            .flatMap(ManifestEntry::subject);
    subject.ifPresent(named -> addManifest(repository, named, seen, open));
  }

  private void addAll(Family family, byte[] prefix, Set<Digest> seen, Deque<Digest> open) {
    for (var entry : view.scan(family, prefix, prefix, MAX_STEPS + 1)) {
      add(Keys.digestAfter(prefix, entry.key()), seen, open);
    }
  }

  /** An original or a subject may have been deleted; an index or a manifest that names is there. */
  private void addManifest(
      RepositoryName repository, Digest digest, Set<Digest> seen, Deque<Digest> open) {
    if (view.has(Family.MANIFESTS, Keys.manifest(repository, digest))) {
      add(digest, seen, open);
    }
  }

  private static void add(Digest digest, Set<Digest> seen, Deque<Digest> open) {
    if (seen.add(digest)) {
      open.add(digest);
    }
  }
}
