package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.gc.Garbage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Removes garbage within one mutation, where nothing can change any more: what has found a keeper
 * since it was found stays. Owned by the writer thread.
 */
final class GarbageRemoval {
  private final Changes changes;
  private final Liveness liveness;
  private final ManifestChanges manifests;
  private final Set<RocksLeases.Key> condemned;
  private final List<Garbage> gone = new ArrayList<>();

  /**
   * @param condemned what may be removed; whoever was told that any of it is here is waited for, or
   *     will ask again
   */
  GarbageRemoval(
      Changes changes,
      Liveness liveness,
      ManifestChanges manifests,
      Set<RocksLeases.Key> condemned) {
    this.changes = changes;
    this.liveness = liveness;
    this.manifests = manifests;
    this.condemned = condemned;
  }

  void remove(Garbage candidate) {
    switch (candidate) {
      case Garbage.Manifest manifest -> removeDead(manifest.repository(), manifest.digest());
      case Garbage.Link link -> {
        if (removeDead(link.repository(), link.digest())
            && manifests.unlink(link.repository(), link.digest())) {
          gone.add(link);
        }
      }
      case Garbage.LazyView view -> {
        if (removeLazyView(view.repository(), view.original())) {
          gone.add(view);
        }
      }
      case Garbage.Conversion(var source, String recipe) -> {
        if (isUseless(source, recipe) && removeConversion(changes, source, recipe)) {
          gone.add(candidate);
        }
      }
      case Garbage.Blob blob -> {
        if (doom(blob.digest())) {
          gone.add(blob);
        }
      }
      // Not known here.
      case Garbage.UnknownFile _, Garbage.UnknownUpload _ -> {}
    }
  }

  /** What was removed: the candidates, and manifests above them. */
  List<Garbage> gone() {
    return gone;
  }

  /** Removes the manifests that must go together, and returns whether nothing keeps them. */
  private boolean removeDead(RepositoryName repository, Digest digest) {
    var dead = liveness.deadWith(repository, digest);
    if (dead.isEmpty()
        || !dead.get().stream()
            .allMatch(each -> condemned.contains(new RocksLeases.Key(repository, each)))) {
      return false;
    }
    for (Digest each : dead.get()) {
      long bytes = contentBytes(changes, each);
      if (removeManifest(repository, each)) {
        gone.add(new Garbage.Manifest(repository, each, bytes));
      }
    }
    return true;
  }

  private boolean removeManifest(RepositoryName repository, Digest digest) {
    byte[] originals = Keys.originals(repository, digest);
    for (var entry : changes.scan(Family.ORIGINALS, originals)) {
      manifests.deleteLazyView(repository, Keys.digestAfter(originals, entry.key()));
    }
    manifests.deleteLazyView(repository, digest);
    return manifests.delete(repository, digest);
  }

  private boolean removeLazyView(RepositoryName repository, Digest original) {
    boolean gone =
        changes
            .get(Family.LAZY_VIEWS, Keys.lazyView(repository, original))
            .map(Records::lazyView)
            .filter(lazy -> !changes.has(Family.MANIFESTS, Keys.manifest(repository, lazy)))
            .isPresent();
    if (gone) {
      manifests.deleteLazyView(repository, original);
    }
    return gone;
  }

  private boolean isUseless(Digest source, String recipe) {
    return changes
        .get(Family.CONVERSIONS, Keys.conversion(source, recipe))
        .map(Records::conversion)
        .filter(
            result -> !isUseful(changes, liveness, blob -> isLinked(changes, blob), source, result))
        .isPresent();
  }

  /**
   * Whether the result of a conversion is of use: its layer is there, and so is an image with what
   * the layer became, or there may be one soon.
   *
   * @param linked whether a repository links a blob
   */
  static boolean isUseful(
      View view,
      Liveness liveness,
      Predicate<Digest> linked,
      Digest source,
      LayerConversion result) {
    if (!linked.test(source)) {
      return false;
    }
    return switch (result) {
      case LayerConversion.Converted converted -> {
        Digest blob = converted.blob().digest();
        yield linked.test(blob)
            || view.get(Family.BLOBS, Keys.blob(blob))
                .map(Records::blob)
                .filter(liveness::wasCommittedLately)
                .isPresent()
            || liveness.isAwaited(source);
      }
      case LayerConversion.Unconvertible _ -> true;
    };
  }

  /** Forgets what became of a layer. */
  static boolean removeConversion(Changes changes, Digest source, String recipe) {
    byte[] key = Keys.conversion(source, recipe);
    var recorded = changes.get(Family.CONVERSIONS, key).map(Records::conversion);
    recorded.ifPresent(result -> {
      changes.delete(Family.CONVERSIONS, key);
      switch (result) {
        case LayerConversion.Converted converted ->
            changes.delete(Family.RESULTS, Keys.result(converted.blob().digest(), source, recipe));
        case LayerConversion.Unconvertible _ -> {}
      }
    });
    return recorded.isPresent();
  }

  private boolean doom(Digest digest) {
    var blobs = new BlobChanges(changes);
    var stored = blobs.find(digest);
    if (stored.isEmpty() || liveness.wasCommittedLately(stored.get()) || isNamed(changes, digest)) {
      return false;
    }
    blobs.doom(digest);
    return true;
  }

  /** Whether a repository links a blob, or a conversion resulted in it. */
  static boolean isNamed(View view, Digest blob) {
    return isLinked(view, blob) || view.any(Family.RESULTS, Keys.results(blob));
  }

  /** Whether a repository links a blob. */
  static boolean isLinked(View view, Digest blob) {
    byte[] prefix = Keys.holders(blob);
    return view.any(Family.HOLDERS, prefix) || view.any(Family.MIRROR_HOLDERS, prefix);
  }

  static int contentBytes(View view, Digest manifest) {
    return view.get(Family.CONTENT, Keys.content(manifest)).map(bytes -> bytes.length).orElse(0);
  }
}
