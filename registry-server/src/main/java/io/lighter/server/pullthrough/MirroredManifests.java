package io.lighter.server.pullthrough;

import io.lighter.oci.Manifest;
import io.lighter.oci.Reference;
import io.lighter.oci.Tag;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.TagCondition;
import java.time.Clock;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Fetches manifests from upstreams and stores them. Thread-safe and blocking.
 *
 * @param onStored is told when a manifest was stored, or a tag names another one
 */
record MirroredManifests(
    MetadataStore metadata,
    Clock clock,
    BiConsumer<MirroredRepository, Manifest> onPull,
    Runnable onStored) {

  /** The name under which {@link Refusals} know a manifest. */
  static String question(Reference reference) {
    return "manifests/" + reference;
  }

  /** Fetches a manifest and stores it under its digest and these tags. */
  Manifest pull(MirroredRepository repository, Reference reference, List<Tag> tags) {
    Manifest manifest = repository.upstream().manifest(repository.remote(), reference);
    store(repository, manifest, tags);
    onPull.accept(repository, manifest);
    return manifest;
  }

  /** Stores a manifest that upstream has, and points these tags at it. */
  void store(MirroredRepository repository, Manifest manifest, List<Tag> tags) {
    var view = manifest.view();
    metadata.putManifest(
        new ManifestPut(
            repository.local(),
            RepositoryKind.MIRRORED,
            manifest,
            view,
            tags,
            TagCondition.NONE,
            clock.instant(),
            view.requiredBlobs(),
            false));
    onStored.run();
  }
}
