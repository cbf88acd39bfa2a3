package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.gc.CachedImage;
import io.lighter.storage.gc.Evicted;
import io.lighter.storage.gc.EvictionIndex;
import io.lighter.storage.gc.StoreUse;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/** Eviction in RocksDB. */
final class RocksEvictionIndex implements EvictionIndex {
  private final RocksDatabase database;
  private final RocksLeases leases;
  private final RecentCommits recent;

  RocksEvictionIndex(RocksDatabase database, RocksLeases leases, RecentCommits recent) {
    this.database = database;
    this.leases = leases;
    this.recent = recent;
  }

  @Override
  public StoreUse use() {
    return BlobChanges.use(database);
  }

  @Override
  public List<CachedImage> oldest(Part part, Restraint restraint, int limit) {
    var oldest =
        new PriorityQueue<CachedImage>(Comparator.comparing(CachedImage::lastUse).reversed());
    var planner = new EvictionPlanner(database, leases);
    var mirrored = new HashMap<RepositoryName, Boolean>();
    for (Family family : List.of(Family.MANIFESTS, Family.LINKS)) {
      Pages.forEach(
          database,
          family,
          Keys.all(),
          entry -> {
            RepositoryName repository = Keys.repositoryOf(entry.key());
            Digest digest = Keys.digestOf(entry.key());
            if (isMirrored(mirrored, repository)
                && (oldest.size() < limit || mayBeOlder(repository, digest, oldest.element()))
                && planner.isTop(repository, digest)) {
              planner
                  .plan(repository, digest, part)
                  .filter(plan -> plan.isHere() && mayGo(plan, part, restraint))
                  .ifPresent(plan -> oldest.add(plan.image()));
            }
            if (oldest.size() > limit) {
              oldest.remove();
            }
          });
    }
    return oldest.stream().sorted(Comparator.comparing(CachedImage::lastUse)).toList();
  }

  /** An image was used at least as lately as its manifest; most need no further look for that. */
  private boolean mayBeOlder(RepositoryName repository, Digest digest, CachedImage newest) {
    return leases.current(database, repository, digest).usedAt().isBefore(newest.lastUse());
  }

  private boolean isMirrored(Map<RepositoryName, Boolean> known, RepositoryName repository) {
    return known.computeIfAbsent(repository, name -> isMirrored(database, name));
  }

  private static boolean isMirrored(View view, RepositoryName repository) {
    return view.get(Family.REPOSITORIES, Keys.repository(repository))
        .map(Records::repository)
        .equals(Optional.of(RepositoryKind.MIRRORED));
  }

  private boolean mayGo(EvictionPlan plan, Part part, Restraint restraint) {
    boolean unrestrained =
        switch (part) {
          case WHOLE ->
              !plan.isPending()
                  && !plan.convertedUse()
                      .plus(restraint.convertedLease())
                      .plus(leases.granularity())
                      .isAfter(leases.now());
          case ORIGINAL -> true;
        };
    return unrestrained && plan.image().lastUse().isBefore(restraint.usedBefore());
  }

  @Override
  public Optional<CachedImage> image(RepositoryName repository, Digest manifest) {
    var planner = new EvictionPlanner(database, leases);
    return isMirrored(database, repository)
        ? planner.plan(repository, manifest, Part.WHOLE).map(EvictionPlan::image)
        : Optional.empty();
  }

  @Override
  public Optional<Evicted> evict(
      CachedImage image, Part part, Restraint restraint, Runnable removed) {
    Set<RocksLeases.Key> victims =
        new EvictionPlanner(database, leases)
            .plan(image.repository(), image.digest(), part)
            .map(EvictionPlan::victims)
            .orElse(Set.of());
    return leases.condemning(
        victims,
        changes -> {
          var planner = new EvictionPlanner(changes, leases);
          return Optional.of(planner)
              .filter(_ -> isMirrored(changes, image.repository()))
              .filter(_ -> planner.isTop(image.repository(), image.digest()))
              .flatMap(_ -> planner.plan(image.repository(), image.digest(), part))
              .filter(plan -> mayGo(plan, part, restraint))
              .filter(plan -> wasFound(plan, image, restraint))
              .filter(plan -> victims.containsAll(plan.victims()))
              .filter(plan -> !isArriving(planner, plan, part))
              .map(plan -> new ImageEviction(changes, leases, recent).evict(plan, part));
        },
        removed);
  }

  /**
   * Whether any of the whole image was committed this moment. What was converted of it counts for
   * its original too: nobody uses it yet, so in a moment the image can go with it.
   */
  private boolean isArriving(EvictionPlanner planner, EvictionPlan plan, Part part) {
    CachedImage image = plan.image();
    EvictionPlan whole =
        switch (part) {
          case WHOLE -> plan;
          case ORIGINAL ->
              planner.plan(image.repository(), image.digest(), Part.WHOLE).orElse(plan);
        };
    return whole.links().stream().anyMatch(recent::contains);
  }

  /** Whether the image was not used since it was found to be old, if its use matters. */
  private static boolean wasFound(EvictionPlan plan, CachedImage image, Restraint restraint) {
    return restraint.usedBefore().equals(Instant.MAX)
        || !plan.image().lastUse().isAfter(image.lastUse());
  }
}
