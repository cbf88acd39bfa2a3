package io.lighter.server.upstream;

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
import io.lighter.storage.TagCondition;
import io.lighter.storage.TagRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Repositories in maps: the operations that pull-through needs, and none that it does not. */
public final class MapMetadataStore implements MetadataStore {
  private record Key(RepositoryName repository, Object name) {}

  private final Map<RepositoryName, RepositoryKind> repositories = new ConcurrentHashMap<>();
  private final Map<Key, BlobInfo> blobs = new ConcurrentHashMap<>();
  private final Map<Key, Manifest> manifests = new ConcurrentHashMap<>();
  private final Map<Key, TagRecord> tags = new ConcurrentHashMap<>();

  void create(String repository, RepositoryKind kind) {
    repositories.put(new RepositoryName(repository), kind);
  }

  @Override
  public Optional<RepositoryKind> repository(RepositoryName repository) {
    return Optional.ofNullable(repositories.get(repository));
  }

  @Override
  public void linkBlob(RepositoryName repository, RepositoryKind kind, BlobInfo blob) {
    repositories.putIfAbsent(repository, kind);
    blobs.put(new Key(repository, blob.digest()), blob);
  }

  @Override
  public Optional<BlobInfo> mountBlob(
      RepositoryName repository, Digest digest, Optional<RepositoryName> from) {
    throw unused();
  }

  @Override
  public Optional<BlobInfo> linkedBlob(RepositoryName repository, Digest digest) {
    return Optional.ofNullable(blobs.get(new Key(repository, digest)));
  }

  @Override
  public long pushedBytes(String namespace) {
    throw unused();
  }

  @Override
  public List<NamespaceBytes> pushedBytes(String after, int limit) {
    throw unused();
  }

  @Override
  public boolean isPushed(String namespace, Digest digest) {
    throw unused();
  }

  @Override
  public synchronized void putManifest(ManifestPut put) {
    repositories.putIfAbsent(put.repository(), put.kind());
    manifests.put(new Key(put.repository(), put.manifest().digest()), put.manifest());
    for (Descriptor blob : put.advertised()) {
      blobs.put(new Key(put.repository(), blob.digest()), new BlobInfo(blob.digest(), blob.size()));
    }
    for (Tag tag : put.tags()) {
      tags.put(new Key(put.repository(), tag), new TagRecord(put.manifest().digest(), put.at()));
    }
  }

  @Override
  public Optional<Manifest> manifest(RepositoryName repository, Digest digest) {
    return Optional.ofNullable(manifests.get(new Key(repository, digest)));
  }

  @Override
  public Optional<TagRecord> tag(RepositoryName repository, Tag tag) {
    return Optional.ofNullable(tags.get(new Key(repository, tag)));
  }

  @Override
  public synchronized void confirmTag(
      RepositoryName repository, Tag tag, Digest manifest, Instant at) {
    tags.computeIfPresent(
        new Key(repository, tag),
        (_, old) -> old.digest().equals(manifest) ? new TagRecord(manifest, at) : old);
  }

  @Override
  public List<RepositoryName> repositories(String after, int limit) {
    throw unused();
  }

  @Override
  public Optional<RepositoryName> hostedHolder(Digest digest) {
    throw unused();
  }

  @Override
  public boolean unlinkBlob(RepositoryName repository, Digest digest) {
    throw unused();
  }

  @Override
  public boolean deleteManifest(RepositoryName repository, Digest digest) {
    throw unused();
  }

  @Override
  public List<Digest> parents(RepositoryName repository, Digest child) {
    throw unused();
  }

  @Override
  public List<Tag> tags(RepositoryName repository, String after, int limit) {
    return tags.keySet().stream()
        .filter(key -> key.repository().equals(repository))
        .map(key -> (Tag) key.name())
        .filter(tag -> tag.value().compareTo(after) > 0)
        .sorted()
        .limit(limit)
        .toList();
  }

  @Override
  public boolean isTagged(RepositoryName repository, Digest manifest) {
    throw unused();
  }

  @Override
  public boolean deleteTag(RepositoryName repository, Tag tag, TagCondition condition) {
    throw unused();
  }

  @Override
  public List<Descriptor> referrers(
      RepositoryName repository, Digest subject, String after, int limit) {
    return manifests.entrySet().stream()
        .filter(entry -> entry.getKey().repository().equals(repository))
        .map(Map.Entry::getValue)
        .filter(manifest ->
            manifest.view().subject().map(Descriptor::digest).equals(Optional.of(subject)))
        .filter(manifest -> manifest.digest().toString().compareTo(after) > 0)
        .sorted(Comparator.comparing(manifest -> manifest.digest().toString()))
        .limit(limit)
        .map(manifest ->
            Descriptor.of(manifest.mediaType(), manifest.digest(), manifest.content().length))
        .toList();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("pull-through has no business with this");
  }
}
