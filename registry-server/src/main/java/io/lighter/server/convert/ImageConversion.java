package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.ConvertedImage;
import io.lighter.conversion.ImageConverter;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PlainLayer;
import io.lighter.conversion.PlainLayers;
import io.lighter.conversion.Prefetch;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.ConversionPolicy;
import io.lighter.server.content.RepositoryContent;
import io.lighter.server.content.WantedPlatforms;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.ManifestPut;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.TagCondition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Converts a whole image: the layers of every platform that was pulled or pushed, their
 * configurations and manifests, and the index above them. The result is ready to be published, all
 * blobs in it durable.
 *
 * <p>Thread-safe and slow; belongs on the conversion threads.
 */
public final class ImageConversion {
  private static final int MAX_NESTING = 8;
  private static final int MAX_CONFIG_BYTES = 8 << 20;

  private final LayerConversions layers;
  private final LayerLayouts layouts;
  private final StartupSets startupSets;
  private final ImageConverter converter;
  private final Supplier<ConversionPolicies> policies;
  private final MetadataStore metadata;
  private final BlobStore blobs;
  private final Clock clock;

  public ImageConversion(
      LayerConversions layers,
      LayerLayouts layouts,
      StartupSets startupSets,
      ImageConverter converter,
      Supplier<ConversionPolicies> policies,
      MetadataStore metadata,
      BlobStore blobs,
      Clock clock) {
    this.layers = layers;
    this.layouts = layouts;
    this.startupSets = startupSets;
    this.converter = converter;
    this.policies = policies;
    this.metadata = metadata;
    this.blobs = blobs;
    this.clock = clock;
  }

  /**
   * Converts an image.
   *
   * @param image digest of a manifest or index of the repository
   * @param set the prefetch list that was set for it, which counts before what it says itself
   * @throws NothingToConvertException if no layer of it would become lazy, or none may
   * @throws io.lighter.conversion.ConversionException if the image contradicts itself
   * @throws IOException if content cannot be read, or the thread was interrupted
   */
  LazyViewPut convert(RepositoryContent repository, Digest image, Optional<PrefetchList> set)
      throws IOException {
    Manifest original =
        repository
            .manifest(image)
            .orElseThrow(() -> new MissingContentException(repository.name(), image));
    ConversionPolicy policy = policies.get().of(repository);
    if (policy.isOff()) {
      throw new NothingToConvertException("its repository is configured to stay as it is");
    }
    var run = new Run(repository, policy, set, original.view());
    Manifest lazy = run.convert(original, MAX_NESTING).orElseThrow(run::nothing);
    return new LazyViewPut(repository.name(), image, lazy.digest(), run.puts);
  }

  /** The conversion of one image. */
  private final class Run {
    private final RepositoryContent repository;
    private final ConversionPolicy policy;
    private final Optional<PrefetchList> set;
    private final ManifestView root;
    private final List<ManifestPut> puts = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();

    Run(
        RepositoryContent repository,
        ConversionPolicy policy,
        Optional<PrefetchList> set,
        ManifestView root) {
      this.repository = repository;
      this.policy = policy;
      this.set = set;
      this.root = root;
    }

    NothingToConvertException nothing() {
      return new NothingToConvertException(
          reasons.isEmpty()
              ? "no container image of it was pulled or pushed, or none for a platform that is wanted"
              : String.join("; ", reasons));
    }

    /** Empty if nothing in it becomes lazy. */
    Optional<Manifest> convert(Manifest original, int depth) throws IOException {
      ManifestView view = original.view();
      if (view.isIndex()) {
        return depth == 0 ? Optional.empty() : index(original, view, depth);
      }
      return view.isContainerImage() ? image(original, view) : Optional.empty();
    }

    private Optional<Manifest> index(Manifest original, ManifestView view, int depth)
        throws IOException {
      Map<Digest, Manifest> converted = new HashMap<>();
      for (Descriptor child : view.manifests()) {
        Optional<Manifest> wanted =
            MediaTypes.isManifest(child.mediaType()) ? wanted(child) : Optional.empty();
        if (wanted.isPresent()) {
          platform(wanted.get(), depth - 1)
              .ifPresent(replacement -> converted.put(child.digest(), replacement));
        }
      }
      if (converted.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(keep(converter.index(original, converted)));
    }

    /**
     * A child of an index if it is to be converted. What is not stored was not pulled: unless it is
     * for a platform that is asked for, it stays as it is. A child that does not say what it is for
     * counts as pulled.
     */
    private Optional<Manifest> wanted(Descriptor child) {
      WantedPlatforms platforms = policy.platforms();
      if (platforms.asPulled() || child.platform().isEmpty()) {
        return metadata.manifest(repository.name(), child.digest());
      }
      return child.platform().filter(platforms::lists).isPresent()
          ? repository.manifest(child.digest())
          : Optional.empty();
    }

    /** One child of an index: what is wrong with it keeps no other platform from being lazy. */
    private Optional<Manifest> platform(Manifest original, int depth) throws IOException {
      try {
        return convert(original, depth);
      } catch (ConversionException | MissingContentException e) {
        reasons.add("manifest %s: %s".formatted(original.digest(), e.getMessage()));
        return Optional.empty();
      }
    }

    private Optional<Manifest> image(Manifest original, ManifestView view) throws IOException {
      byte[] config = config(view.config().orElseThrow());
      PlainLayers plain = plain(view);
      List<PrefetchList> first = prefetchLists(view, plain, config);
      long most = Prefetch.DEFAULT_MAX_BYTES + policy.startupSet();
      var outcomes = new ArrayList<LayerOutcome>();
      for (PlainLayer layer : plain.all()) {
        outcomes.add(layouts.laidOut(layer, first.get(outcomes.size()), most));
      }
      if (!outcomes.isEmpty()
          && outcomes.stream().allMatch(LayerOutcome.PassedThrough.class::isInstance)) {
        reasons.add("every layer is eStargz already");
      }
      Optional<ConvertedImage> image = converter.image(original, config, outcomes);
      if (image.isEmpty()) {
        return Optional.empty();
      }
      store(image.get().config());
      return Optional.of(keep(image.get().manifest()));
    }

    /** What becomes of the layers before anybody asks what is to be laid out first in them. */
    private PlainLayers plain(ManifestView view) throws IOException {
      var plain = new PlainLayers();
      for (Descriptor layer : view.layers()) {
        plain
            .add(layer, found -> layers.plain(repository, found, policy.maxLayer()))
            .ifPresent(reason -> reasons.add("layer " + layer.digest() + ": " + reason));
      }
      return plain;
    }

    /**
     * What is to be laid out first in each layer: what a list for the image says, and behind it
     * what the image's start reads of the layer.
     */
    private List<PrefetchList> prefetchLists(ManifestView view, PlainLayers plain, byte[] config)
        throws IOException {
      PrefetchList given =
          set.or(() -> PrefetchLists.of(root, view, config)).orElse(PrefetchList.NONE);
      // An image that is lazy as it came keeps its digest, unless somebody wants it otherwise.
      if (policy.startupSet() == 0 || (plain.asTheyCame() && given.isEmpty())) {
        return Collections.nCopies(plain.all().size(), given);
      }
      return startupSets.lists(plain.all(), config, policy.startupSet()).stream()
          .map(given::and)
          .toList();
    }

    private Manifest keep(Manifest manifest) {
      ManifestView view = manifest.view();
      puts.add(
          new ManifestPut(
              repository.name(),
              repository.kind(),
              manifest,
              view,
              List.of(),
              TagCondition.NONE,
              clock.instant(),
              view.requiredBlobs(),
              false));
      return manifest;
    }

    private byte[] config(Descriptor descriptor) throws IOException {
      if (descriptor.size() > MAX_CONFIG_BYTES) {
        throw new NothingToConvertException(
            "its configuration has %d bytes; allowed are %d"
                .formatted(descriptor.size(), MAX_CONFIG_BYTES));
      }
      if (!repository.fetch(descriptor.digest())) {
        throw new MissingContentException(repository.name(), descriptor.digest());
      }
      try (InputStream stream = new BlobInputStream(blobs.open(descriptor.digest()))) {
        return stream.readNBytes(MAX_CONFIG_BYTES);
      }
    }

    private void store(byte[] config) {
      try (BlobWriter writer = blobs.newWriter()) {
        writer.append(ByteBuffer.wrap(config));
        writer.commit(Digest.ofSha256(config));
      }
    }
  }
}
