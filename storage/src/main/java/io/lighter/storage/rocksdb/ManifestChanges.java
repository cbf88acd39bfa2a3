package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * The parts that mutations of repositories are made of. Each keeps the families that belong
 * together in step: a tag and its reverse, a manifest and the indexes that it appears in.
 *
 * <p>The bytes of a manifest stay when the last repository gives it up; only a garbage collection
 * can know that nothing else names them.
 */
final class ManifestChanges {
  private final Changes changes;

  ManifestChanges(Changes changes) {
    this.changes = changes;
  }

  /** Creates the repository unless it exists, whatever its kind is then. */
  void ensureRepository(RepositoryName repository, RepositoryKind kind) {
    byte[] key = Keys.repository(repository);
    if (!changes.has(Family.REPOSITORIES, key)) {
      changes.put(Family.REPOSITORIES, key, Records.repository(kind));
    }
  }

  void link(RepositoryName repository, BlobInfo blob) {
    byte[] key = Keys.link(repository, blob.digest());
    if (!changes.has(Family.LINKS, key)) {
      changes.put(Family.LINKS, key, Records.size(blob.size()));
      if (isHosted(repository)) {
        changes.put(Family.HOLDERS, Keys.holder(blob.digest(), repository), Records.EMPTY);
      }
    }
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
      changes.delete(Family.HOLDERS, Keys.holder(digest, repository));
    }
    return present;
  }

  private boolean isHosted(RepositoryName repository) {
    return changes
        .get(Family.REPOSITORIES, Keys.repository(repository))
        .map(Records::repository)
        .equals(Optional.of(RepositoryKind.HOSTED));
  }

  void put(ManifestPut put) {
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
    ensureRepository(put.repository(), put.kind());
    Digest digest = put.manifest().digest();
    // Bytes that were lost come back with the manifest.
    if (!changes.has(Family.MANIFESTS, Keys.manifest(put.repository(), digest))
        || !changes.has(Family.CONTENT, Keys.content(digest))) {
      putNew(put.repository(), put.manifest(), put.view());
    }
    put.advertised()
        .forEach(blob -> link(put.repository(), new BlobInfo(blob.digest(), blob.size())));
    put.tags().forEach(tag -> putTag(put.repository(), tag, digest, put.at()));
  }

  private void putNew(RepositoryName repository, Manifest manifest, ManifestView view) {
    Digest digest = manifest.digest();
    var entry = ManifestEntry.of(manifest.mediaType(), view);
    changes.put(Family.MANIFESTS, Keys.manifest(repository, digest), Records.manifest(entry));
    if (!changes.has(Family.CONTENT, Keys.content(digest))) {
      changes.put(Family.CONTENT, Keys.content(digest), manifest.content());
    }
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
    deleteTag(repository, tag);
    changes.put(Family.TAGS, Keys.tag(repository, tag), Records.tag(new TagRecord(digest, at)));
    changes.put(Family.TAGGED, Keys.tagged(repository, digest, tag), Records.EMPTY);
  }

  boolean deleteTag(RepositoryName repository, Tag tag) {
    byte[] key = Keys.tag(repository, tag);
    Optional<TagRecord> named = changes.get(Family.TAGS, key).map(Records::tag);
    named.ifPresent(record -> {
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
    });
    return entry.isPresent();
  }

  private void deleteTagsOf(RepositoryName repository, Digest digest) {
    byte[] prefix = Keys.tagged(repository, digest);
    for (var tagged : changes.scan(Family.TAGGED, prefix)) {
      deleteTag(repository, new Tag(Keys.textAfter(prefix, tagged.key())));
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
