package io.lighter.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What Lighter reads out of a manifest or index. The bytes that came in are what is stored and
 * served; a view is derived from them and never written back.
 *
 * @param mediaType the effective media type
 * @param config the configuration, present exactly for image manifests
 * @param layers layers of an image manifest, in order, lowest first
 * @param manifests children of an index, in order
 * @param subject the manifest that this one refers to
 * @param artifactType as the referrers API reports it: the manifest's own field, else the type of
 *     an image manifest's configuration
 * @param annotations annotations of the manifest itself
 */
public record ManifestView(
    String mediaType,
    Optional<Descriptor> config,
    List<Descriptor> layers,
    List<Descriptor> manifests,
    Optional<Descriptor> subject,
    Optional<String> artifactType,
    Map<String, String> annotations) {

  /** Documents that two parsers could read differently are refused, hence the strictness. */
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public ManifestView {
    layers = List.copyOf(layers);
    manifests = List.copyOf(manifests);
    annotations = Map.copyOf(annotations);
  }

  /** Whether this is an index or manifest list. */
  public boolean isIndex() {
    return MediaTypes.isIndex(mediaType);
  }

  /** Whether this is a container image, as opposed to an artifact or an index. */
  public boolean isContainerImage() {
    return config.map(Descriptor::mediaType).filter(MediaTypes::isImageConfig).isPresent();
  }

  /** Blobs that must be in the repository for this manifest to be complete: config and layers. */
  public List<Descriptor> requiredBlobs() {
    var blobs = new ArrayList<Descriptor>();
    config.ifPresent(blobs::add);
    layers.stream().filter(Descriptor::distributable).forEach(blobs::add);
    return blobs;
  }

  /**
   * Reads a manifest.
   *
   * @param contentType media type that the bytes were sent with; empty if the sender named none
   * @param bytes the document, unchanged
   * @throws InvalidManifestException if the bytes are not one of the four manifest types, or say
   *     another type than {@code contentType}, or can be read in two ways
   */
  public static ManifestView parse(Optional<String> contentType, byte[] bytes) {
    JsonNode root;
    try {
      root = STRICT.readTree(text(bytes));
    } catch (JacksonException e) {
      throw new InvalidManifestException(
          "manifest is not one JSON document without duplicate keys: " + e.getOriginalMessage(), e);
    }
    if (root == null || !root.isObject()) {
      throw new InvalidManifestException("manifest is not a JSON object");
    }
    String mediaType = effectiveType(contentType, text(root, "mediaType"));
    if (root.path("schemaVersion").asInt(0) != 2) {
      throw new InvalidManifestException("schemaVersion must be 2");
    }
    boolean index = MediaTypes.isIndex(mediaType);
    refuse(root, index ? "layers" : "manifests", mediaType);
    if (index) {
      refuse(root, "config", mediaType);
    }
    Optional<Descriptor> config =
        index ? Optional.empty() : Optional.of(descriptor(required(root, "config"), "config"));
    return new ManifestView(
        mediaType,
        config,
        index ? List.of() : descriptors(root, "layers"),
        index ? descriptors(root, "manifests") : List.of(),
        root.hasNonNull("subject")
            ? Optional.of(descriptor(root.get("subject"), "subject"))
            : Optional.empty(),
        text(root, "artifactType").or(() -> config.map(Descriptor::mediaType)),
        strings(root.path("annotations"), "annotations"));
  }

  /** The document as text: UTF-8 without a byte order mark (RFC 8259, section 8.1). */
  private static String text(byte[] bytes) {
    String text;
    try {
      text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidManifestException("manifest is not UTF-8", e);
    }
    if (text.startsWith("\uFEFF")) {
      throw new InvalidManifestException("manifest begins with a byte order mark");
    }
    return text;
  }

  private static String effectiveType(Optional<String> contentType, Optional<String> inBody) {
    Optional<String> declared =
        contentType.map(MediaTypes::withoutParameters).filter(type -> !type.isEmpty());
    if (declared.isPresent() && inBody.isPresent() && !declared.equals(inBody)) {
      throw new InvalidManifestException(
          "Content-Type is %s but the manifest's mediaType is %s"
              .formatted(declared.get(), inBody.get()));
    }
    String type =
        declared
            .or(() -> inBody)
            .orElseThrow(() ->
                new InvalidManifestException(
                    "neither Content-Type nor mediaType says what kind of manifest this is"));
    if (!MediaTypes.isManifest(type)) {
      throw new InvalidManifestException(
          "unsupported manifest type %s; allowed are %s, %s, %s and %s"
              .formatted(
                  type,
                  MediaTypes.OCI_MANIFEST,
                  MediaTypes.OCI_INDEX,
                  MediaTypes.DOCKER_MANIFEST,
                  MediaTypes.DOCKER_MANIFEST_LIST));
    }
    return type;
  }

  private static void refuse(JsonNode root, String field, String mediaType) {
    if (root.hasNonNull(field)) {
      throw new InvalidManifestException(
          "a document of type %s must not have \"%s\"".formatted(mediaType, field));
    }
  }

  private static JsonNode required(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      throw new InvalidManifestException("\"%s\" is missing".formatted(field));
    }
    return value;
  }

  private static List<Descriptor> descriptors(JsonNode root, String field) {
    JsonNode array = required(root, field);
    if (!array.isArray()) {
      throw new InvalidManifestException("\"%s\" is not an array".formatted(field));
    }
    var result = new ArrayList<Descriptor>(array.size());
    for (JsonNode element : array) {
      result.add(descriptor(element, field + "[" + result.size() + "]"));
    }
    return result;
  }

  private static Descriptor descriptor(JsonNode node, String where) {
    if (!node.isObject()) {
      throw new InvalidManifestException(where + " is not a descriptor");
    }
    JsonNode size = required(node, "size");
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      throw new InvalidManifestException(
          "%s.size must be a whole number from 0 to 2^63-1, not %s".formatted(where, size));
    }
    String digest =
        text(node, "digest")
            .orElseThrow(() -> new InvalidManifestException(where + ".digest is missing"));
    return new Descriptor(
        text(node, "mediaType").orElse(""),
        Digest.tryParse(digest)
            .orElseThrow(() ->
                new InvalidManifestException(
                    where + ".digest is not a supported digest: " + digest)),
        size.asLong(),
        text(node, "artifactType"),
        strings(node.path("annotations"), where + ".annotations"),
        platform(node.path("platform")),
        node.path("urls").isArray() && !node.path("urls").isEmpty());
  }

  private static Optional<Platform> platform(JsonNode node) {
    return node.isObject()
        ? Optional.of(
            new Platform(
                text(node, "os").orElse(""),
                text(node, "architecture").orElse(""),
                text(node, "variant").orElse("")))
        : Optional.empty();
  }

  private static Optional<String> text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw new InvalidManifestException("\"%s\" is not a string".formatted(field));
    }
    return value.asString().isEmpty() ? Optional.empty() : Optional.of(value.asString());
  }

  private static Map<String, String> strings(JsonNode node, String where) {
    if (node.isMissingNode() || node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw new InvalidManifestException(where + " is not an object");
    }
    var result = new HashMap<String, String>();
    for (var property : node.properties()) {
      if (!property.getValue().isString()) {
        throw new InvalidManifestException(
            "%s.%s is not a string".formatted(where, property.getKey()));
      }
      result.put(property.getKey(), property.getValue().asString());
    }
    return result;
  }
}
