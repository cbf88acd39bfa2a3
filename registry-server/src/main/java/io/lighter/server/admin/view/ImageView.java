package io.lighter.server.admin.view;

import io.lighter.conversion.ImageConverter;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.Platform;
import io.lighter.oci.RepositoryName;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.admin.StoredNames;
import io.lighter.server.content.ImageName;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.MetadataStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code GET /admin/image?image=REF}: both views of a stored image, for each of its platforms, with
 * their layers side by side. Asks no upstream.
 */
public final class ImageView implements AdminView {
  private static final String IMAGE = "image";

  /** Of an index with more, the first ones are shown. */
  private static final int MOST_PLATFORMS = 64;

  private final StoredNames names;
  private final MetadataStore metadata;
  private final ConversionQueue queue;
  private final ConversionStore conversions;
  private final LayerPairs layers;

  public ImageView(
      StoredNames names, ConversionQueue queue, ConversionStore conversions, LayerPairs layers) {
    this.names = names;
    this.metadata = names.metadata();
    this.queue = queue;
    this.conversions = conversions;
    this.layers = layers;
  }

  @Override
  public String name() {
    return "image";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(IMAGE);
  }

  @Override
  public Record read(AdminRequest request) {
    ImageName image = request.image(IMAGE);
    RepositoryName repository = names.repository(image.repository());
    Digest digest = names.image(repository, image);
    ImageStates.Found found = new ImageStates(queue, conversions).of(repository, digest);
    ManifestView original = view(repository, digest).orElseThrow();
    Optional<ManifestView> lazy = found.lazy().flatMap(to -> view(repository, to));
    return new Document(
        image.toString(),
        repository.value(),
        names.kind(repository).name().toLowerCase(Locale.ROOT),
        digest.toString(),
        original.mediaType(),
        found.state().text(),
        found.lazy().map(Digest::toString).orElse(""),
        found.reason(),
        original.isIndex()
            ? platforms(repository, original, lazy)
            : List.of(
                platform(
                    "",
                    digest,
                    Optional.of(original),
                    found.lazy().flatMap(to -> lazy.map(view -> new Lazy(to, view))))));
  }

  private List<PlatformImage> platforms(
      RepositoryName repository, ManifestView index, Optional<ManifestView> lazyIndex) {
    Map<Digest, Lazy> bySource = new HashMap<>();
    for (Descriptor child : lazyIndex.map(ManifestView::manifests).orElse(List.of())) {
      view(repository, child.digest())
          .ifPresent(view ->
              Digest.tryParse(view.annotations().getOrDefault(ImageConverter.SOURCE_ANNOTATION, ""))
                  .ifPresent(source -> bySource.put(source, new Lazy(child.digest(), view))));
    }
    var platforms = new ArrayList<PlatformImage>();
    for (Descriptor child : index.manifests()) {
      if (platforms.size() < MOST_PLATFORMS) {
        platforms.add(
            platform(
                child.platform().map(Platform::toString).orElse(""),
                child.digest(),
                view(repository, child.digest()),
                Optional.ofNullable(bySource.get(child.digest()))));
      }
    }
    return platforms;
  }

  private PlatformImage platform(
      String platform, Digest digest, Optional<ManifestView> original, Optional<Lazy> lazy) {
    return new PlatformImage(
        platform,
        digest.toString(),
        original.isPresent(),
        lazy.map(of -> of.digest().toString()).orElse(""),
        original
            .filter(ManifestView::isContainerImage)
            .map(image -> layers.of(image, lazy.map(Lazy::view)))
            .orElse(List.of()));
  }

  private Optional<ManifestView> view(RepositoryName repository, Digest digest) {
    return metadata.manifest(repository, digest).map(Manifest::view);
  }

  private record Lazy(Digest digest, ManifestView view) {}

  /**
   * An image.
   *
   * @param state text of an {@link ImageState}
   * @param lazy digest of the lazy view; empty if there is none
   * @param reason why it is not lazy; empty if it is, or that is not known
   * @param platforms one without a name if it is no index
   */
  private record Document(
      String image,
      String repository,
      String kind,
      String digest,
      String mediaType,
      String state,
      String lazy,
      String reason,
      List<PlatformImage> platforms) {}

  /**
   * The image of a platform.
   *
   * @param stored whether its manifest is here: those that nobody pulled are not
   * @param lazy digest of the converted manifest; empty if there is none
   * @param layers lowest first; none if it is no container image
   */
  private record PlatformImage(
      String platform, String digest, boolean stored, String lazy, List<LayerPairs.Layer> layers) {}
}
