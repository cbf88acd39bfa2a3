package io.lighter.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.NamespaceBytes;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.StorageException;
import io.lighter.storage.TagCondition;
import io.lighter.storage.TagRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Repositories in RocksDB. */
final class RocksMetadataStore implements MetadataStore {
  private static final int CONTENT_TRIES = 3;

  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;

  RocksMetadataStore(RocksDatabase database, MetadataWriter writer, RocksLeases leases) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
  }

  @Override
  public Optional<RepositoryKind> repository(RepositoryName repository) {
    return database.get(Family.REPOSITORIES, Keys.repository(repository)).map(Records::repository);
  }

  @Override
  public List<RepositoryName> repositories(String after, int limit) {
    return page(Family.REPOSITORIES, Keys.all(), after, limit).stream()
        .map(entry -> new RepositoryName(new String(entry.key(), UTF_8)))
        .toList();
  }

  @Override
  public void linkBlob(RepositoryName repository, RepositoryKind kind, BlobInfo blob) {
    // Also if it is linked, for the lease; that costs a sync only if the lease is old.
    writer.run(changes -> {
      var manifests = manifests(changes);
      manifests.ensureRepository(repository, kind);
      if (manifests.isHosted(repository)) {
        manifests.linkStored(repository, blob);
      } else {
        manifests.link(repository, blob);
      }
    });
  }

  @Override
  public Optional<BlobInfo> mountBlob(
      RepositoryName repository, Digest digest, Optional<RepositoryName> from) {
    Optional<RepositoryName> source = from.or(() -> hostedHolder(digest));
    if (source.isEmpty()) {
      return Optional.empty();
    }
    byte[] link = Keys.link(source.get(), digest);
    return writer.apply(changes -> {
      var manifests = manifests(changes);
      Optional<BlobInfo> blob =
          changes.get(Family.LINKS, link).map(value -> new BlobInfo(digest, Records.size(value)));
      // One that is damaged has to be uploaded.
      if (blob.isEmpty()
          || !manifests.isHosted(source.get())
          || !changes.has(Family.BLOBS, Keys.blob(digest))) {
        return Optional.empty();
      }
      manifests.ensureRepository(repository, RepositoryKind.HOSTED);
      manifests.linkStored(repository, blob.get());
      return blob;
    });
  }

  private ManifestChanges manifests(Changes changes) {
    return new ManifestChanges(changes, leases);
  }

  @Override
  public Optional<BlobInfo> linkedBlob(RepositoryName repository, Digest digest) {
    return database
        .get(Family.LINKS, Keys.link(repository, digest))
        .map(value -> new BlobInfo(digest, Records.size(value)));
  }

  @Override
  public long pushedBytes(String namespace) {
    return NamespaceUse.bytes(database, namespace);
  }

  @Override
  public List<NamespaceBytes> pushedBytes(String after, int limit) {
    return NamespaceUse.all(database, after, limit);
  }

  @Override
  public boolean isPushed(String namespace, Digest digest) {
    return database.has(Family.NAMESPACE_USE, Keys.namespaceBlob(namespace, digest));
  }

  @Override
  public Optional<RepositoryName> hostedHolder(Digest digest) {
    byte[] prefix = Keys.holders(digest);
    return database.scan(Family.HOLDERS, prefix, prefix, 1).stream()
        .map(entry -> new RepositoryName(Keys.textAfter(prefix, entry.key())))
        .findFirst();
  }

  @Override
  public boolean unlinkBlob(RepositoryName repository, Digest digest) {
    return writer.apply(changes -> manifests(changes).unlink(repository, digest));
  }

  @Override
  public void putManifest(ManifestPut put) {
    writer.run(changes -> manifests(changes).put(put));
  }

  @Override
  public Optional<Manifest> manifest(RepositoryName repository, Digest digest) {
    byte[] key = Keys.manifest(repository, digest);
    for (int tries = 1; ; tries++) {
      Optional<ManifestEntry> entry = database.get(Family.MANIFESTS, key).map(Records::manifest);
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      Optional<byte[]> content = database.get(Family.CONTENT, Keys.content(digest));
      if (content.isPresent()) {
        return Optional.of(new Manifest(digest, entry.get().mediaType(), content.get()));
      }
      if (tries == CONTENT_TRIES) {
        throw new StorageException.Corrupt(
            "the bytes of manifest " + digest + " are missing", null);
      }
      // Deleted between the two looks, and perhaps put again: the next look will tell.
    }
  }

  @Override
  public boolean deleteManifest(RepositoryName repository, Digest digest) {
    return writer.apply(changes -> manifests(changes).delete(repository, digest));
  }

  @Override
  public List<Digest> parents(RepositoryName repository, Digest child) {
    byte[] prefix = Keys.parents(repository, child);
    return database.scan(Family.PARENTS, prefix).stream()
        .map(entry -> Keys.digestAfter(prefix, entry.key()))
        .toList();
  }

  @Override
  public Optional<TagRecord> tag(RepositoryName repository, Tag tag) {
    return database.get(Family.TAGS, Keys.tag(repository, tag)).map(Records::tag);
  }

  @Override
  public List<Tag> tags(RepositoryName repository, String after, int limit) {
    byte[] prefix = Keys.tags(repository);
    return page(Family.TAGS, prefix, after, limit).stream()
        .map(entry -> new Tag(Keys.textAfter(prefix, entry.key())))
        .toList();
  }

  @Override
  public boolean isTagged(RepositoryName repository, Digest manifest) {
    byte[] prefix = Keys.tagged(repository, manifest);
    return !database.scan(Family.TAGGED, prefix, prefix, 1).isEmpty();
  }

  @Override
  public void confirmTag(RepositoryName repository, Tag tag, Digest manifest, Instant at) {
    byte[] key = Keys.tag(repository, tag);
    writer.run(changes ->
        changes
            .get(Family.TAGS, key)
            .map(Records::tag)
            .filter(named -> named.digest().equals(manifest))
            .ifPresent(
                _ -> changes.put(Family.TAGS, key, Records.tag(new TagRecord(manifest, at)))));
  }

  @Override
  public boolean deleteTag(RepositoryName repository, Tag tag, TagCondition condition) {
    return writer.apply(changes -> manifests(changes).deleteTag(repository, tag, condition));
  }

  @Override
  public List<Descriptor> referrers(
      RepositoryName repository, Digest subject, String after, int limit) {
    return page(Family.REFERRERS, Keys.referrers(repository, subject), after, limit).stream()
        .map(entry -> Records.referrer(entry.value()))
        .toList();
  }

  private List<View.Entry> page(Family family, byte[] prefix, String after, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least 1 element, not " + limit);
    }
    return database.scan(family, prefix, Keys.after(prefix, after), limit);
  }
}
