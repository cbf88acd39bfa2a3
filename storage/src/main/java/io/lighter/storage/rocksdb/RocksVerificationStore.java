package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.Dangling;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What a verification sees of the metadata in RocksDB. */
final class RocksVerificationStore implements VerificationStore {
  private static final int PAGE = 1000;
  private static final int MAX_NESTING = 8;

  private final RocksDatabase database;
  private final MetadataWriter writer;
  private final RocksLeases leases;

  RocksVerificationStore(RocksDatabase database, MetadataWriter writer, RocksLeases leases) {
    this.database = database;
    this.writer = writer;
    this.leases = leases;
  }

  @Override
  public List<BlobInfo> blobs(String after, int limit) {
    return page(Family.BLOBS, after, limit).stream()
        .map(entry ->
            new BlobInfo(Keys.leadingDigest(entry.key()), Records.blob(entry.value()).size()))
        .toList();
  }

  @Override
  public List<BlobInfo> damagedBlobs() {
    return writer.apply(changes -> {
      var needed = new ArrayList<BlobInfo>();
      for (var entry : changes.scan(Family.DAMAGED, Keys.all())) {
        Digest digest = Keys.leadingDigest(entry.key());
        if (changes.any(Family.HOLDERS, Keys.holders(digest))
            || changes.any(Family.MIRROR_HOLDERS, Keys.holders(digest))) {
          needed.add(new BlobInfo(digest, Records.size(entry.value())));
        } else {
          changes.delete(Family.DAMAGED, entry.key());
        }
      }
      return needed;
    });
  }

  @Override
  public List<Digest> manifests(String after, int limit) {
    return page(Family.CONTENT, after, limit).stream()
        .map(entry -> Keys.leadingDigest(entry.key()))
        .toList();
  }

  private List<View.Entry> page(Family family, String after, int limit) {
    byte[] from =
        after.isEmpty() ? Keys.all() : Keys.successor(BinaryDigest.encode(Digest.parse(after)));
    return database.scan(family, Keys.all(), from, limit);
  }

  @Override
  public Optional<byte[]> manifestBytes(Digest manifest) {
    return database.get(Family.CONTENT, Keys.content(manifest));
  }

  @Override
  public void forgetManifestBytes(Digest manifest) {
    writer.run(changes -> {
      var manifests = new ManifestChanges(changes, leases);
      for (var copy : changes.scan(Family.COPIES, Keys.copies(manifest))) {
        var repository = new RepositoryName(Keys.textAfterDigest(copy.key()));
        if (!manifests.isHosted(repository)) {
          manifests.delete(repository, manifest);
        }
      }
      changes.delete(Family.CONTENT, Keys.content(manifest));
    });
  }

  @Override
  public List<Dangling> dangling(RepositoryName repository) {
    boolean hosted =
        database
            .get(Family.REPOSITORIES, Keys.repository(repository))
            .map(Records::repository)
            .equals(Optional.of(RepositoryKind.HOSTED));
    return hosted ? danglingInHosted(repository) : List.of();
  }

  private List<Dangling> danglingInHosted(RepositoryName repository) {
    var found = new ArrayList<Dangling>();
    byte[] prefix = Keys.tags(repository);
    forEach(
        Family.LINKS,
        prefix,
        link -> {
          Digest blob = Keys.digestAfter(prefix, link.key());
          if (leadsNowhere(
              Family.LINKS,
              link,
              view ->
                  view.has(Family.BLOBS, Keys.blob(blob))
                      || view.has(Family.DAMAGED, Keys.damaged(blob)))) {
            found.add(
                new Dangling(repository, blob, "linked, but the store does not have this blob"));
          }
        });
    forEach(
        Family.TAGS,
        prefix,
        tag -> {
          Digest manifest = Records.tag(tag.value()).digest();
          if (leadsNowhere(
              Family.TAGS,
              tag,
              view -> view.has(Family.MANIFESTS, Keys.manifest(repository, manifest)))) {
            var name = new Tag(Keys.textAfter(prefix, tag.key()));
            found.add(
                new Dangling(repository, manifest, "tag " + name + " names it, but it is gone"));
          }
        });
    forEach(
        Family.MANIFESTS,
        prefix,
        manifest -> {
          Digest digest = Keys.digestAfter(prefix, manifest.key());
          if (leadsNowhere(
              Family.MANIFESTS, manifest, view -> view.has(Family.CONTENT, Keys.content(digest)))) {
            found.add(new Dangling(repository, digest, "the bytes of this manifest are missing"));
          }
        });
    return found;
  }

  /**
   * Whether an entry names something that is not there. What looks so is looked at once more on the
   * writer's thread, where nothing changes between the two looks.
   */
  private boolean leadsNowhere(Family family, View.Entry entry, Predicate<View> target) {
    return !target.test(database)
        && writer.apply(changes ->
            changes
                    .get(family, entry.key())
                    .filter(now -> Arrays.equals(now, entry.value()))
                    .isPresent()
                && !target.test(changes));
  }

  @Override
  public List<LazyView> madeWith(Digest blob) {
    var views = new ArrayList<LazyView>();
    forEach(
        Family.LAZY_VIEWS,
        Keys.all(),
        entry -> {
          RepositoryName repository = Keys.repositoryOf(entry.key());
          Digest original = Keys.digestOf(entry.key());
          Digest lazy = Records.lazyView(entry.value());
          if (names(repository, lazy).contains(blob)
              && !names(repository, original).contains(blob)) {
            views.add(new LazyView(repository, original));
          }
        });
    return views;
  }

  /** Blobs of an image, with those of its children. */
  private Set<Digest> names(RepositoryName repository, Digest image) {
    var blobs = new HashSet<Digest>();
    collect(repository, image, blobs, MAX_NESTING);
    return blobs;
  }

  private void collect(RepositoryName repository, Digest image, Set<Digest> blobs, int depth) {
    if (depth == 0) {
      return;
    }
    manifest(repository, image)
        .ifPresent(manifest -> {
          ManifestView view = manifest.view();
          view.requiredBlobs().forEach(blob -> blobs.add(blob.digest()));
          view.manifests().forEach(child -> collect(repository, child.digest(), blobs, depth - 1));
        });
  }

  /** Empty also if its bytes are missing or damaged. */
  private Optional<Manifest> manifest(RepositoryName repository, Digest digest) {
    Optional<ManifestEntry> entry =
        database.get(Family.MANIFESTS, Keys.manifest(repository, digest)).map(Records::manifest);
    return entry.flatMap(present ->
        manifestBytes(digest)
            .filter(bytes -> Digest.of(digest.algorithm(), bytes).equals(digest))
            .map(bytes -> new Manifest(digest, present.mediaType(), bytes)));
  }

  @Override
  public boolean forgetConversionsInto(Digest blob) {
    byte[] prefix = Keys.results(blob);
    return writer.apply(changes -> {
      List<View.Entry> results = changes.scan(Family.RESULTS, prefix);
      for (var result : results) {
        // What follows the prefix is the key of the conversion.
        byte[] conversion = Arrays.copyOfRange(result.key(), prefix.length, result.key().length);
        changes.delete(Family.CONVERSIONS, conversion);
        changes.delete(Family.RESULTS, result.key());
      }
      return !results.isEmpty();
    });
  }

  @Override
  public void forget(LazyView view) {
    writer.run(changes ->
        new ManifestChanges(changes, leases).deleteLazyView(view.repository(), view.original()));
  }

  @Override
  public Optional<VerificationPass> lastPass() {
    return database.get(Family.VERIFICATION, Keys.verification()).map(Records::pass);
  }

  @Override
  public void note(VerificationPass pass) {
    writer.run(
        changes -> changes.put(Family.VERIFICATION, Keys.verification(), Records.pass(pass)));
  }

  /** Page by page, because a family may be larger than memory. */
  private void forEach(Family family, byte[] prefix, Consumer<View.Entry> action) {
    byte[] from = prefix;
    while (true) {
      List<View.Entry> page = database.scan(family, prefix, from, PAGE);
      page.forEach(action);
      if (page.size() < PAGE) {
        return;
      }
      from = Keys.successor(page.getLast().key());
    }
  }
}
