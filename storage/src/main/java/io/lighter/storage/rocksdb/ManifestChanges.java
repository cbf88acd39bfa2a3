package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Leases;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagCondition;
import io.lighter.storage.TagRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * The parts that mutations of repositories are made of. Each keeps the families that belong
 * together in step: a tag and its reverse, a manifest and the indexes that it appears in.
 *
 * <p>The bytes of a manifest go with the last repository that has it; those of a blob stay until a
 * garbage collection dooms it.
 */
final class ManifestChanges {
  private final Changes changes;
  private final RocksLeases leases;

  ManifestChanges(Changes changes, RocksLeases leases) {
    this.changes = changes;
    this.leases = leases;
  }

  /** Creates the repository unless it exists, whatever its kind is then. */
  void ensureRepository(RepositoryName repository, RepositoryKind kind) {
    byte[] key = Keys.repository(repository);
    if (!changes.has(Family.REPOSITORIES, key)) {
      changes.put(Family.REPOSITORIES, key, Records.repository(kind));
    }
  }

  /** Links a blob, and leases it in any case: it is linked for somebody who will use it. */
  void link(RepositoryName repository, BlobInfo blob) {
    byte[] key = Keys.link(repository, blob.digest());
    if (!changes.has(Family.LINKS, key)) {
      changes.put(Family.LINKS, key, Records.size(blob.size()));
      new BlobChanges(changes)
          .addHolder(blob.digest(), Keys.holder(blob.digest(), repository), isHosted(repository));
      if (isHosted(repository)) {
        new NamespaceUse(changes).linked(repository, blob.digest(), blob.size());
      }
    }
    leases.renew(changes, repository, blob.digest(), Leases.Use.ASK);
  }

  /**
   * Links a blob whose bytes must be here.
   *
   * @throws StorageException.BlobMissing if they are not
   */
  void linkStored(RepositoryName repository, BlobInfo blob) {
    if (!changes.has(Family.BLOBS, Keys.blob(blob.digest()))) {
      throw new StorageException.BlobMissing(blob.digest());
    }
    link(repository, blob);
  }

  boolean unlink(RepositoryName repository, Digest digest) {
    byte[] key = Keys.link(repository, digest);
    boolean present = changes.has(Family.LINKS, key);
    if (present) {
      byte[] parents = Keys.parents(repository, digest);
      changes.scan(Family.PARENTS, parents).stream()
          .findFirst()
          .ifPresent(parent -> {
            throw new StorageException.BlobInUse(digest, Keys.digestAfter(parents, parent.key()));
          });
      changes.delete(Family.LINKS, key);
      new BlobChanges(changes).removeHolder(digest, Keys.holder(digest, repository));
      if (isHosted(repository)) {
        new NamespaceUse(changes).unlinked(repository, digest);
      }
      leases.drop(changes, repository, digest);
    }
    return present;
  }

  boolean isHosted(RepositoryName repository) {
    return changes
        .get(Family.REPOSITORIES, Keys.repository(repository))
        .map(Records::repository)
        .equals(Optional.of(RepositoryKind.HOSTED));
  }

  void put(ManifestPut put) {
    requireCondition(put);
    if (put.complete()) {
      requireContent(put.repository(), put.view());
    }
    ensureRepository(put.repository(), put.kind());
    Digest digest = put.manifest().digest();
    // Bytes that were lost come back with the manifest.
    if (!changes.has(Family.MANIFESTS, Keys.manifest(put.repository(), digest))
        || !changes.has(Family.CONTENT, Keys.content(digest))) {
      putNew(put.repository(), put.manifest(), put.view());
    }
    leases.renew(changes, put.repository(), digest, Leases.Use.ASK);
    put.advertised()
        .forEach(blob -> link(put.repository(), new BlobInfo(blob.digest(), blob.size())));
    put.tags().forEach(tag -> putTag(put.repository(), tag, digest, put.at()));
  }

  private void requireCondition(ManifestPut put) {
    for (Tag tag : put.tags()) {
      Optional<Digest> current =
          changes
              .get(Family.TAGS, Keys.tag(put.repository(), tag))
              .map(Records::tag)
              .map(TagRecord::digest);
      if (!put.condition().allows(current)) {
        throw new StorageException.TagChanged(tag, current);
      }
    }
  }

  /** Here and nowhere else, because what was there a moment ago may have been collected. */
  private void requireContent(RepositoryName repository, ManifestView view) {
    for (Descriptor blob : view.requiredBlobs()) {
      if (!isReadable(repository, blob.digest())) {
        throw new StorageException.ContentMissing(repository, blob.digest());
      }
    }
    for (Descriptor child : view.manifests()) {
      // BuildKit's cache manifests are indexes of plain blobs.
      if (!changes.has(Family.MANIFESTS, Keys.manifest(repository, child.digest()))
          && !isReadable(repository, child.digest())) {
        throw new StorageException.ContentMissing(repository, child.digest());
      }
    }
  }

  /** What is linked may be damaged. */
  private boolean isReadable(RepositoryName repository, Digest blob) {
    return changes.has(Family.LINKS, Keys.link(repository, blob))
        && changes.has(Family.BLOBS, Keys.blob(blob));
  }

  private void putNew(RepositoryName repository, Manifest manifest, ManifestView view) {
    Digest digest = manifest.digest();
    var entry = ManifestEntry.of(manifest.mediaType(), view);
    changes.put(Family.MANIFESTS, Keys.manifest(repository, digest), Records.manifest(entry));
    if (!changes.has(Family.CONTENT, Keys.content(digest))) {
      changes.put(Family.CONTENT, Keys.content(digest), manifest.content());
    }
    changes.put(Family.COPIES, Keys.copy(digest, repository), Records.EMPTY);
    for (Digest named : entry.content()) {
      changes.put(Family.PARENTS, Keys.parent(repository, named, digest), Records.EMPTY);
    }
    entry
        .subject()
        .ifPresent(subject ->
            changes.put(
                Family.REFERRERS,
                Keys.referrer(repository, subject, digest),
                Records.referrer(referrer(manifest, view))));
  }

  private static Descriptor referrer(Manifest manifest, ManifestView view) {
    return new Descriptor(
        manifest.mediaType(),
        manifest.digest(),
        manifest.content().length,
        view.artifactType(),
        view.annotations(),
        Optional.empty(),
        false);
  }

  private void putTag(RepositoryName repository, Tag tag, Digest digest, Instant at) {
    deleteTag(repository, tag, TagCondition.NONE);
    changes.put(Family.TAGS, Keys.tag(repository, tag), Records.tag(new TagRecord(digest, at)));
    changes.put(Family.TAGGED, Keys.tagged(repository, digest, tag), Records.EMPTY);
  }

  boolean deleteTag(RepositoryName repository, Tag tag, TagCondition condition) {
    byte[] key = Keys.tag(repository, tag);
    Optional<TagRecord> named = changes.get(Family.TAGS, key).map(Records::tag);
    named.ifPresent(record -> {
      if (!condition.allows(Optional.of(record.digest()))) {
        throw new StorageException.TagChanged(tag, Optional.of(record.digest()));
      }
      changes.delete(Family.TAGS, key);
      changes.delete(Family.TAGGED, Keys.tagged(repository, record.digest(), tag));
    });
    return named.isPresent();
  }

  boolean delete(RepositoryName repository, Digest digest) {
    byte[] key = Keys.manifest(repository, digest);
    Optional<ManifestEntry> entry = changes.get(Family.MANIFESTS, key).map(Records::manifest);
    entry.ifPresent(present -> {
      changes.delete(Family.MANIFESTS, key);
      deleteTagsOf(repository, digest);
      deleteFromIndexes(repository, digest, present);
      changes.delete(Family.COPIES, Keys.copy(digest, repository));
      if (!changes.any(Family.COPIES, Keys.copies(digest))) {
        changes.delete(Family.CONTENT, Keys.content(digest));
        changes.delete(Family.CONVERTED, Keys.converted(digest));
      }
      leases.drop(changes, repository, digest);
    });
    return entry.isPresent();
  }

  /** Makes a manifest the lazy view of another, instead of the one it has. */
  void setLazyView(RepositoryName repository, Digest original, Digest lazy) {
    deleteLazyView(repository, original);
    changes.put(Family.LAZY_VIEWS, Keys.lazyView(repository, original), Records.lazyView(lazy));
    changes.put(Family.ORIGINALS, Keys.original(repository, lazy, original), Records.EMPTY);
  }

  /** Forgets which manifest is the lazy view of an image. */
  void deleteLazyView(RepositoryName repository, Digest original) {
    byte[] key = Keys.lazyView(repository, original);
    changes
        .get(Family.LAZY_VIEWS, key)
        .map(Records::lazyView)
        .ifPresent(lazy -> {
          changes.delete(Family.LAZY_VIEWS, key);
          changes.delete(Family.ORIGINALS, Keys.original(repository, lazy, original));
        });
  }

  private void deleteTagsOf(RepositoryName repository, Digest digest) {
    byte[] prefix = Keys.tagged(repository, digest);
    for (var tagged : changes.scan(Family.TAGGED, prefix)) {
      deleteTag(repository, new Tag(Keys.textAfter(prefix, tagged.key())), TagCondition.NONE);
    }
  }

  /** Indexes that name this manifest as a child stay in the list of its parents: they still do. */
  private void deleteFromIndexes(RepositoryName repository, Digest digest, ManifestEntry entry) {
    for (Digest named : entry.content()) {
      changes.delete(Family.PARENTS, Keys.parent(repository, named, digest));
    }
    entry
        .subject()
        .ifPresent(subject ->
            changes.delete(Family.REFERRERS, Keys.referrer(repository, subject, digest)));
  }
}
