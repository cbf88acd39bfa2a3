package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON documents that are changed in places and otherwise stay what they were: fields that nobody
 * here knows, their order, and numbers of any precision.
 */
final class JsonTrees {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonTrees() {}

  /**
   * Reads a document.
   *
   * @param what names it in the message of a failure
   * @throws InconsistentImageException if it is not one JSON object without duplicate keys
   */
  static ObjectNode parse(byte[] json, String what) {
    try {
      if (MAPPER.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new InconsistentImageException(
          "the %s is not JSON: %s".formatted(what, e.getOriginalMessage()), e);
    }
    throw new InconsistentImageException("the %s is not a JSON object".formatted(what));
  }

  static byte[] bytes(ObjectNode document) {
    return MAPPER.writeValueAsBytes(document);
  }

  /** Points a descriptor to other content; what described the old content beside it goes. */
  static void point(ObjectNode descriptor, String mediaType, Digest digest, long size) {
    descriptor.put("mediaType", mediaType);
    descriptor.put("digest", digest.toString());
    descriptor.put("size", size);
    descriptor.remove("data");
    descriptor.remove("urls");
  }

  /** The annotations of a document or descriptor, made if there are none. */
  static ObjectNode annotations(ObjectNode holder) {
    return holder.get("annotations") instanceof ObjectNode annotations
        ? annotations
        : holder.putObject("annotations");
  }

  /** A text within nested objects, if it is there. */
  static Optional<String> text(JsonNode holder, String... path) {
    JsonNode node = holder;
    for (String field : path) {
      node = node.path(field);
    }
    return node.isString() ? Optional.of(node.asString()) : Optional.empty();
  }
}
