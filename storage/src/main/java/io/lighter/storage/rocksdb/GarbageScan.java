package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.gc.Garbage;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks for garbage, a page of entries at a time.
 *
 * @param ahead whether what other garbage keeps counts as garbage already
 */
record GarbageScan(View view, Liveness liveness, boolean ahead, Consumer<Garbage> found) {

  void manifests() {
    forEach(
        Family.MANIFESTS,
        entry -> {
          RepositoryName repository = Keys.repositoryOf(entry.key());
          Digest digest = Keys.digestOf(entry.key());
          if (!liveness.isKept(repository, digest)) {
            found.accept(
                new Garbage.Manifest(
                    repository, digest, GarbageRemoval.contentBytes(view, digest)));
          }
        });
  }

  void lazyViews() {
    forEach(
        Family.LAZY_VIEWS,
        entry -> {
          RepositoryName repository = Keys.repositoryOf(entry.key());
          Digest lazy = Records.lazyView(entry.value());
          if (!view.has(Family.MANIFESTS, Keys.manifest(repository, lazy))) {
            found.accept(new Garbage.LazyView(repository, Keys.digestOf(entry.key())));
          }
        });
  }

  /**
   * While something is uploaded into a repository, a push goes on whose manifest is yet to come.
   */
  void links() {
    Set<RepositoryName> pushedTo = new HashSet<>();
    forEach(
        Family.UPLOADS,
        entry -> pushedTo.add(Records.upload(entry.key(), entry.value()).repository()));
    forEach(
        Family.LINKS,
        entry -> {
          RepositoryName repository = Keys.repositoryOf(entry.key());
          Digest digest = Keys.digestOf(entry.key());
          if (!pushedTo.contains(repository) && !liveness.isKept(repository, digest)) {
            found.accept(new Garbage.Link(repository, digest, Records.size(entry.value())));
          }
        });
  }

  void conversions() {
    forEach(
        Family.CONVERSIONS,
        entry -> {
          Digest source = Keys.leadingDigest(entry.key());
          Predicate<Digest> linked =
              blob -> ahead ? liveness.isLinked(blob) : GarbageRemoval.isLinked(view, blob);
          LayerConversion result = Records.conversion(entry.value());
          if (!GarbageRemoval.isUseful(view, liveness, linked, source, result)) {
            found.accept(new Garbage.Conversion(source, Keys.textAfterDigest(entry.key())));
          }
        });
  }

  void blobs() {
    forEach(
        Family.BLOBS,
        entry -> {
          Digest digest = Keys.leadingDigest(entry.key());
          StoredBlob stored = Records.blob(entry.value());
          boolean needed =
              liveness.wasCommittedLately(stored)
                  || (ahead ? liveness.isNeeded(digest) : GarbageRemoval.isNamed(view, digest));
          if (!needed) {
            found.accept(new Garbage.Blob(digest, stored.size()));
          }
        });
  }

  private void forEach(Family family, Consumer<View.Entry> action) {
    Pages.forEach(view, family, Keys.all(), action);
  }
}
