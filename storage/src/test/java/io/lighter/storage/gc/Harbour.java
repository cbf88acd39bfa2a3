package io.lighter.storage.gc;

import static io.lighter.storage.Fixtures.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.MediaTypes;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobIndex;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.Fixtures;
import io.lighter.storage.LayerConversion;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.Leases;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.OpenStores;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagCondition;
import io.lighter.storage.local.BlobLayout;
import io.lighter.storage.local.LocalGarbageFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A whole store with a clock that tests move, what they put into it, and its collector. */
final class Harbour implements AutoCloseable {
  static final RepositoryName APP = new RepositoryName("team/app");
  static final RepositoryName OTHER = new RepositoryName("team/other");
  static final RepositoryName MIRROR = new RepositoryName("docker.io/library/app");
  static final KeepTimes TIMES = new KeepTimes(Duration.ofHours(1), Duration.ofHours(10));
  static final Duration PAST_GRACE = Duration.ofHours(2);
  static final Duration PAST_RETENTION = Duration.ofHours(11);

  final SettableClock clock = new SettableClock();
  private final Path root;
  private OpenStores stores;
  private int number;

  Harbour(Path root) {
    this.root = root;
    this.stores = new OpenStores(root, clock);
  }

  void reopen() {
    stores.close();
    stores = new OpenStores(root, clock);
  }

  OpenStores stores() {
    return stores;
  }

  MetadataStore metadata() {
    return stores.rocks().metadata();
  }

  ConversionStore conversions() {
    return stores.rocks().conversions();
  }

  BlobIndex index() {
    return stores.rocks().blobIndex();
  }

  Leases leases() {
    return stores.rocks().leases();
  }

  BlobLayout layout() {
    return new BlobLayout(root);
  }

  GarbageFiles files() {
    return new LocalGarbageFiles(layout(), stores.blobs());
  }

  GarbageIndex garbage() {
    return stores.rocks().garbage();
  }

  GarbageCollector collector(GarbageFiles files) {
    return collector(garbage(), files, () -> {});
  }

  GarbageCollector collector(GarbageIndex garbage, GarbageFiles files, Runnable removed) {
    return new GarbageCollector(
        garbage, files, index(), stores.rocks().uploads(), TIMES, 1_000_000, clock, removed);
  }

  /** Removes garbage and says what that was. */
  List<Garbage> collect() {
    return run(false);
  }

  /** Says what would be removed. */
  List<Garbage> dryRun() {
    return run(true);
  }

  private List<Garbage> run(boolean dry) {
    var all = new ArrayList<Garbage>();
    collector(files()).run(dry, all::add);
    return all;
  }

  void passGrace() {
    clock.advance(PAST_GRACE);
  }

  void passRetention() {
    clock.advance(PAST_RETENTION);
  }

  /** Bytes that nobody stored before, stored and not linked. */
  BlobInfo store() {
    return Fixtures.commit(stores.blobs(), bytes(++number, 1000 + number));
  }

  /** A new blob in a hosted repository. */
  BlobInfo push(RepositoryName repository) {
    BlobInfo blob = store();
    metadata().linkBlob(repository, RepositoryKind.HOSTED, blob);
    return blob;
  }

  /** A new image of these layers with a configuration of its own, pushed whole. */
  Manifest pushImage(RepositoryName repository, List<BlobInfo> layers, String... tags) {
    Manifest image = image(push(repository), layers, Optional.empty());
    put(repository, image, tags);
    return image;
  }

  Manifest pushImage(RepositoryName repository, String... tags) {
    return pushImage(repository, List.of(push(repository)), tags);
  }

  /** An artifact that refers to another manifest, pushed whole and without a tag. */
  Manifest pushReferrer(RepositoryName repository, Manifest subject) {
    Manifest referrer = image(push(repository), List.of(), Optional.of(subject));
    put(repository, referrer);
    return referrer;
  }

  Manifest pushIndex(RepositoryName repository, List<Manifest> children, String... tags) {
    Manifest index = index(children.stream().map(Harbour::descriptor).toList(), Optional.empty());
    put(repository, index, tags);
    return index;
  }

  void put(RepositoryName repository, Manifest manifest, String... tags) {
    metadata().putManifest(putting(repository, manifest, RepositoryKind.HOSTED, tags));
  }

  /** An image that is pulled through: its layers are advertised and not here. */
  Manifest pull(RepositoryName repository, List<BlobInfo> blobs, String... tags) {
    Manifest image = image(blobs.getFirst(), blobs, Optional.empty());
    metadata().putManifest(putting(repository, image, RepositoryKind.MIRRORED, tags));
    return image;
  }

  ManifestPut putting(
      RepositoryName repository, Manifest manifest, RepositoryKind kind, String... tags) {
    return new ManifestPut(
        repository,
        kind,
        manifest,
        manifest.view(),
        Arrays.stream(tags).map(Tag::new).toList(),
        TagCondition.NONE,
        clock.instant(),
        kind == RepositoryKind.MIRRORED ? manifest.view().requiredBlobs() : List.of(),
        kind == RepositoryKind.HOSTED);
  }

  /** Converts an image that was pushed, with a new layer, and publishes that. */
  Manifest publish(RepositoryName repository, Manifest original) {
    BlobInfo config = store();
    Manifest lazy = image(config, List.of(store()), Optional.empty());
    assertThat(conversions().publish(view(repository, original, lazy))).contains(lazy.digest());
    return lazy;
  }

  /** The put that publishes a manifest as the lazy view of another. */
  LazyViewPut view(RepositoryName repository, Manifest original, Manifest lazy) {
    var put =
        new ManifestPut(
            repository,
            RepositoryKind.HOSTED,
            lazy,
            lazy.view(),
            List.of(),
            TagCondition.NONE,
            clock.instant(),
            lazy.view().requiredBlobs(),
            false);
    return new LazyViewPut(repository, original.digest(), lazy.digest(), List.of(put));
  }

  /** What a conversion notes of a layer when it made this blob of it. */
  static LayerConversion result(BlobInfo blob) {
    return new LayerConversion.Converted(
        blob, Fixtures.digest(2), Fixtures.digest(3), 4, Fixtures.digest(5));
  }

  Manifest image(BlobInfo config, List<BlobInfo> layers, Optional<Manifest> subject) {
    return manifest(
        MediaTypes.OCI_MANIFEST,
        "\"config\":%s,\"layers\":[%s]%s"
            .formatted(
                descriptor(MediaTypes.OCI_CONFIG, config.digest(), config.size()),
                layers.stream()
                    .map(layer -> descriptor(MediaTypes.OCI_LAYER, layer.digest(), layer.size()))
                    .collect(Collectors.joining(",")),
                subject.map(named -> ",\"subject\":" + descriptor(named)).orElse("")));
  }

  static Manifest index(List<String> children, Optional<Manifest> subject) {
    return manifest(
        MediaTypes.OCI_INDEX,
        "\"manifests\":[%s]%s"
            .formatted(
                String.join(",", children),
                subject.map(named -> ",\"subject\":" + descriptor(named)).orElse("")));
  }

  private static Manifest manifest(String type, String fields) {
    String json = "{\"schemaVersion\":2,\"mediaType\":\"%s\",%s}".formatted(type, fields);
    return Manifest.of(Optional.of(type), json.getBytes(UTF_8));
  }

  static String descriptor(Manifest manifest) {
    return descriptor(manifest.mediaType(), manifest.digest(), manifest.content().length);
  }

  static String descriptor(String type, Digest digest, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest, size);
  }

  boolean hasManifest(RepositoryName repository, Manifest manifest) {
    return metadata().manifest(repository, manifest.digest()).isPresent();
  }

  /** Whether a manifest is here with every blob that it names, link and bytes. */
  boolean isWhole(RepositoryName repository, Manifest manifest) {
    return hasManifest(repository, manifest)
        && blobs(manifest).allMatch(blob -> isReadable(repository, blob));
  }

  boolean isReadable(RepositoryName repository, Digest blob) {
    return metadata().linkedBlob(repository, blob).isPresent() && areHere(blob);
  }

  /** Whether the bytes of a blob are in the store. */
  boolean areHere(Digest blob) {
    return index().find(blob).isPresent() && layout().blob(blob).toFile().exists();
  }

  static Stream<Digest> blobs(Manifest manifest) {
    return Stream.concat(manifest.view().config().stream(), manifest.view().layers().stream())
        .map(blob -> blob.digest());
  }

  @Override
  public void close() {
    stores.close();
  }
}
