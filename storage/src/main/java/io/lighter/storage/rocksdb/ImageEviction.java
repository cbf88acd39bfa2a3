package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.gc.Evicted;
import io.lighter.storage.gc.EvictionIndex.Part;
import io.lighter.storage.gc.Garbage;
import java.util.ArrayList;
import java.util.List;

/** Evicts an image within one mutation, as it was planned there. Owned by the writer thread. */
final class ImageEviction {
  private final Changes changes;
  private final ManifestChanges manifests;
  private final BlobChanges blobs;
  private final RecentCommits recent;
  private final List<Garbage.Blob> doomed = new ArrayList<>();

  ImageEviction(Changes changes, RocksLeases leases, RecentCommits recent) {
    this.changes = changes;
    this.manifests = new ManifestChanges(changes, leases);
    this.blobs = new BlobChanges(changes);
    this.recent = recent;
  }

  Evicted evict(EvictionPlan plan, Part part) {
    boolean convertedStays = part == Part.ORIGINAL && hasLazyView(plan);
    for (Digest manifest : plan.manifests()) {
      changes.delete(Family.JOBS, Keys.job(plan.repository(), manifest));
      deleteNotes(plan.repository(), manifest, part);
    }
    plan.manifests().forEach(manifest -> manifests.delete(plan.repository(), manifest));
    plan.links().forEach(blob -> manifests.unlink(plan.repository(), blob));
    plan.links().forEach(this::release);
    return new Evicted(plan.image(), doomed, convertedStays);
  }

  private boolean hasLazyView(EvictionPlan plan) {
    return plan.manifests().stream()
        .flatMap(manifest ->
            changes.get(Family.LAZY_VIEWS, Keys.lazyView(plan.repository(), manifest)).stream())
        .anyMatch(lazy ->
            changes.has(
                Family.MANIFESTS, Keys.manifest(plan.repository(), Records.lazyView(lazy))));
  }

  /** Which lazy view an image has is forgotten with the view, not with the image. */
  private void deleteNotes(RepositoryName repository, Digest manifest, Part part) {
    switch (part) {
      case WHOLE -> {
        byte[] originals = Keys.originals(repository, manifest);
        for (var entry : changes.scan(Family.ORIGINALS, originals)) {
          manifests.deleteLazyView(repository, Keys.digestAfter(originals, entry.key()));
        }
      }
      case ORIGINAL -> {}
    }
  }

  /** Gives up a blob that no repository links, and what was made of it if nobody links that. */
  private void release(Digest blob) {
    if (GarbageRemoval.isLinked(changes, blob)) {
      return;
    }
    for (var entry : changes.scan(Family.CONVERSIONS, Keys.conversions(blob))) {
      String recipe = Keys.textAfterDigest(entry.key());
      switch (Records.conversion(entry.value())) {
        case LayerConversion.Converted made when recent.contains(made.blob().digest()) -> {}
        case LayerConversion.Converted made -> {
          GarbageRemoval.removeConversion(changes, blob, recipe);
          doomUnnamed(made.blob().digest());
        }
        case LayerConversion.Unconvertible _ ->
            GarbageRemoval.removeConversion(changes, blob, recipe);
      }
    }
    byte[] results = Keys.results(blob);
    for (var entry : changes.scan(Family.RESULTS, results)) {
      byte[] conversion = Keys.rest(results, entry.key());
      Digest source = Keys.leadingDigest(conversion);
      if (!GarbageRemoval.isLinked(changes, source)) {
        GarbageRemoval.removeConversion(changes, source, Keys.textAfterDigest(conversion));
      }
    }
    doomUnnamed(blob);
  }

  private void doomUnnamed(Digest blob) {
    if (!GarbageRemoval.isNamed(changes, blob)) {
      blobs.doom(blob).ifPresent(stored -> doomed.add(new Garbage.Blob(blob, stored.size())));
    }
  }
}
