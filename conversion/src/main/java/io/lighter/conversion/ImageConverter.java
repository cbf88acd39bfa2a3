package io.lighter.conversion;

import io.lighter.conversion.LayerOutcome.Annotated;
import io.lighter.conversion.LayerOutcome.Converted;
import io.lighter.conversion.LayerOutcome.Kept;
import io.lighter.conversion.LayerOutcome.PassedThrough;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rewrites configurations, manifests and indexes around converted layers. The results are OCI
 * documents even where the original was Docker's, whose types have no annotations. They name their
 * source and the recipe in annotations.
 *
 * <p>A {@code subject} of the original is dropped from the copy: a registry lists every manifest
 * with a subject as a referrer, and the copy would be one that nobody attached. For the same reason
 * the copy has the original for a subject only where that is asked for.
 *
 * <p>Pure and thread-safe.
 */
public final class ImageConverter {

  /** Annotation of a converted manifest or index with the digest of the original. */
  public static final String SOURCE_ANNOTATION = "io.lighter.source.digest";

  /** Annotation of a converted manifest or index with the recipe. */
  public static final String CONVERTER_ANNOTATION = "io.lighter.converter";

  /** Annotation of a converted manifest or index with the version of the program. */
  public static final String VERSION_ANNOTATION = "io.lighter.version";

  private static final String SOCI_INDEX = "com.amazon.soci.index-digest";
  private static final String SOCI_IMAGE = "com.amazon.soci.image-manifest-digest";
  private static final String ATTESTATION_TYPE =
      "application/vnd.docker.attestation.manifest.v1+json";
  private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
  private static final String REFERENCE_DIGEST = "vnd.docker.reference.digest";
  private static final List<String> ZSTD_CHUNKED =
      List.of("io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.");

  private static final Map<String, String> OCI_TYPES =
      Map.of(
          MediaTypes.DOCKER_CONFIG,
          MediaTypes.OCI_CONFIG,
          MediaTypes.DOCKER_LAYER,
          MediaTypes.OCI_LAYER,
          MediaTypes.DOCKER_LAYER_GZIP,
          MediaTypes.OCI_LAYER_GZIP,
          MediaTypes.DOCKER_LAYER_ZSTD,
          MediaTypes.OCI_LAYER_ZSTD,
          "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
          "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");

  private final Recipe recipe;
  private final Provenance provenance;

  /**
   * What converted documents say of where they come from, besides source and recipe.
   *
   * @param version of the program; empty says nothing
   * @param subject whether they have the original for their subject, so that it lists them as its
   *     referrers
   */
  public record Provenance(String version, boolean subject) {

    /** Nothing besides. */
    public static final Provenance NONE = new Provenance("", false);
  }

  /** A converter that names this recipe in what it makes. */
  public ImageConverter(Recipe recipe) {
    this(recipe, Provenance.NONE);
  }

  /** A converter that names this recipe, and more, in what it makes. */
  public ImageConverter(Recipe recipe, Provenance provenance) {
    this.recipe = recipe;
    this.provenance = provenance;
  }

  /**
   * Rewrites an image.
   *
   * @param original manifest of a container image
   * @param config the configuration that it names
   * @param outcomes one per layer, lowest first
   * @return empty if no layer becomes lazy that was not
   * @throws InconsistentImageException if manifest, configuration and layers do not fit together
   */
  public Optional<ConvertedImage> image(
      Manifest original, byte[] config, List<LayerOutcome> outcomes) {
    ManifestView view = original.view();
    if (!view.isContainerImage()) {
      throw new InconsistentImageException(original + " is not a container image");
    }
    checkConfig(view.config().orElseThrow(), config);
    if (view.layers().size() != outcomes.size()) {
      throw new InconsistentImageException(
          "the manifest has %d layers, not %d".formatted(view.layers().size(), outcomes.size()));
    }
    ObjectNode configTree = JsonTrees.parse(config, "configuration");
    replaceDiffIds(configTree, outcomes);
    if (outcomes.stream().noneMatch(o -> o instanceof Converted || o instanceof Annotated)) {
      return Optional.empty();
    }
    boolean changed = outcomes.stream().anyMatch(Converted.class::isInstance);
    byte[] newConfig = changed ? JsonTrees.bytes(configTree) : config;

    ObjectNode manifest = JsonTrees.parse(original.content(), "manifest");
    point((ObjectNode) manifest.get("config"), view.config().orElseThrow(), newConfig, changed);
    for (int i = 0; i < outcomes.size(); i++) {
      layer((ObjectNode) manifest.get("layers").get(i), outcomes.get(i));
    }
    return Optional.of(
        new ConvertedImage(finish(manifest, original, MediaTypes.OCI_MANIFEST), newConfig));
  }

  /**
   * Rewrites an index. Children that were converted are replaced, all others stay as they are, but
   * for attestations and SOCI indexes of a converted child: they speak of content that the index
   * does not name any more.
   *
   * @param original an index or manifest list
   * @param children converted children by the digest of their originals; not empty
   * @throws InconsistentImageException if none of them is in the index
   */
  public Manifest index(Manifest original, Map<Digest, Manifest> children) {
    return index(original, children, Set.of());
  }

  /**
   * Rewrites an index and leaves out some of its children, and attestations of these.
   *
   * @param leftOut digests of the children that the result is not to name
   * @see #index(Manifest, Map)
   */
  public Manifest index(Manifest original, Map<Digest, Manifest> children, Set<Digest> leftOut) {
    ObjectNode index = JsonTrees.parse(original.content(), "index");
    var kept = new ArrayList<ObjectNode>();
    boolean found = false;
    ArrayNode manifests = index.withArray("manifests");
    for (var node : manifests) {
      var child = (ObjectNode) node;
      Optional<Manifest> converted = named(children, JsonTrees.text(child, "digest"));
      if (converted.isPresent()) {
        Manifest replacement = converted.get();
        JsonTrees.point(
            child, replacement.mediaType(), replacement.digest(), replacement.content().length);
        found = true;
      } else if (among(leftOut::contains, JsonTrees.text(child, "digest"))
          || describes(child, d -> children.containsKey(d) || leftOut.contains(d))) {
        continue;
      }
      kept.add(child);
    }
    if (!found) {
      throw new InconsistentImageException(
          "none of the converted images is in " + original.digest());
    }
    manifests.removeAll();
    manifests.addAll(kept);
    return finish(index, original, MediaTypes.OCI_INDEX);
  }

  private Manifest finish(ObjectNode document, Manifest original, String mediaType) {
    document.put("mediaType", mediaType);
    document.remove("subject");
    if (provenance.subject()) {
      JsonTrees.point(
          document.putObject("subject"),
          original.mediaType(),
          original.digest(),
          original.content().length);
    }
    ObjectNode annotations = JsonTrees.annotations(document);
    annotations.remove(SOCI_INDEX);
    annotations.put(SOURCE_ANNOTATION, original.digest().toString());
    annotations.put(CONVERTER_ANNOTATION, recipe.id());
    if (!provenance.version().isEmpty()) {
      annotations.put(VERSION_ANNOTATION, provenance.version());
    }
    return Manifest.of(Optional.of(mediaType), JsonTrees.bytes(document));
  }

  private static void checkConfig(Descriptor descriptor, byte[] config) {
    Digest actual = Digest.of(descriptor.digest().algorithm(), config);
    if (!actual.equals(descriptor.digest())) {
      throw new InconsistentImageException(
          "the configuration has digest %s, not %s".formatted(actual, descriptor.digest()));
    }
  }

  /** Replaces what the configuration says of each layer, after checking it against the layer. */
  private static void replaceDiffIds(ObjectNode config, List<LayerOutcome> outcomes) {
    if (!(config.path("rootfs").get("diff_ids") instanceof ArrayNode diffIds)
        || diffIds.size() != outcomes.size()) {
      throw new InconsistentImageException(
          "the configuration has rootfs.diff_ids %s for %d layers"
              .formatted(config.path("rootfs").path("diff_ids").size(), outcomes.size()));
    }
    boolean changed = false;
    for (int i = 0; i < outcomes.size(); i++) {
      String claimed = diffIds.get(i).asString("");
      switch (outcomes.get(i)) {
        case Converted layer -> {
          checkDiffId(i, claimed, layer.sourceDiffId());
          diffIds.set(i, layer.diffId().toString());
          changed = true;
        }
        case Annotated layer -> checkDiffId(i, claimed, layer.diffId());
        case PassedThrough _, Kept _ -> {}
      }
    }
    if (changed) {
      // Docker's old builder left the identifier of an intermediate image here, of other content.
      removeImage(config, "config");
      removeImage(config, "container_config");
    }
  }

  private static void checkDiffId(int layer, String claimed, Digest actual) {
    if (!claimed.equals(actual.toString())) {
      throw new InconsistentImageException(
          "layer %d uncompresses to %s, but the configuration says %s"
              .formatted(layer, actual, UnconvertibleLayerException.quote(claimed)));
    }
  }

  private static void removeImage(ObjectNode config, String field) {
    if (config.get(field) instanceof ObjectNode object) {
      object.remove("Image");
    }
  }

  private static void point(
      ObjectNode node, Descriptor descriptor, byte[] config, boolean changed) {
    String type = OCI_TYPES.getOrDefault(descriptor.mediaType(), descriptor.mediaType());
    if (changed) {
      JsonTrees.point(node, type, Digest.ofSha256(config), config.length);
    } else {
      node.put("mediaType", type);
    }
  }

  private static void layer(ObjectNode node, LayerOutcome outcome) {
    switch (outcome) {
      case Converted layer -> {
        JsonTrees.point(node, MediaTypes.OCI_LAYER_GZIP, layer.digest(), layer.size());
        annotate(node, layer.tocDigest(), layer.uncompressedSize());
      }
      case Annotated layer -> {
        toOci(node);
        annotate(node, layer.tocDigest(), layer.uncompressedSize());
      }
      case PassedThrough _, Kept _ -> toOci(node);
    }
  }

  private static void annotate(ObjectNode layer, Digest tocDigest, long uncompressedSize) {
    ObjectNode annotations = JsonTrees.annotations(layer);
    // containers/storage refuses a layer that claims to be eStargz and zstd:chunked.
    annotations.propertyNames().stream()
        .filter(name -> ZSTD_CHUNKED.stream().anyMatch(name::startsWith))
        .toList()
        .forEach(annotations::remove);
    annotations.put(EStargz.TOC_DIGEST_ANNOTATION, tocDigest.toString());
    annotations.put(EStargz.UNCOMPRESSED_SIZE_ANNOTATION, Long.toString(uncompressedSize));
  }

  private static void toOci(ObjectNode descriptor) {
    JsonTrees.text(descriptor, "mediaType")
        .map(OCI_TYPES::get)
        .ifPresent(type -> descriptor.put("mediaType", type));
  }

  private static Optional<Manifest> named(Map<Digest, Manifest> children, Optional<String> digest) {
    return digest.flatMap(Digest::tryParse).map(children::get);
  }

  /** Whether a child of an index speaks of one of these other children. */
  private static boolean describes(ObjectNode child, Predicate<Digest> others) {
    boolean attestation =
        JsonTrees.text(child, "annotations", REFERENCE_TYPE)
                .filter("attestation-manifest"::equals)
                .isPresent()
            || JsonTrees.text(child, "artifactType").filter(ATTESTATION_TYPE::equals).isPresent();
    return (attestation && among(others, JsonTrees.text(child, "annotations", REFERENCE_DIGEST)))
        || among(others, JsonTrees.text(child, "annotations", SOCI_IMAGE));
  }

  private static boolean among(Predicate<Digest> digests, Optional<String> text) {
    return text.flatMap(Digest::tryParse).filter(digests).isPresent();
  }
}
