package io.lighter.conversion;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Where the parts of a lazy layer lie that clients ask for first. Says nothing about whether the
 * rest of the layer is sound; {@link EStargz#inspect} does.
 *
 * @param tocOffset position of the TOC's gzip member
 * @param landmark position of the landmark, behind what clients fetch before a start; empty if
 *     nothing was laid out for one
 */
public record LazyBounds(long tocOffset, OptionalLong landmark) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Finds the parts of a blob. The TOC is read as a stream, as far as its landmark and no further,
   * so that a long one costs little time and no memory.
   *
   * @param size length of the blob
   * @return empty if it is no eStargz
   * @throws IOException if the blob cannot be read
   */
  public static Optional<LazyBounds> find(BlobView blob, long size) throws IOException {
    Optional<Footer> footer = Footer.read(blob, size);
    if (footer.isEmpty()) {
      return Optional.empty();
    }
    long offset = footer.get().tocOffset();
    var packed = new PackedBytes(blob, offset, size - Footer.LENGTH);
    try (var plain = new GZIPInputStream(packed, 16 << 10)) {
      plain.skipNBytes(TarHeader.BLOCK);
      return Optional.of(new LazyBounds(offset, landmark(plain)));
    } catch (IOException | JacksonException | ConversionException e) {
      packed.rethrow();
      return Optional.empty(); // The blob can be read, and this is no TOC.
    }
  }

  private static OptionalLong landmark(InputStream json) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean entries = parser.currentName().equals("entries");
        JsonToken value = parser.nextToken();
        if (entries && value == JsonToken.START_ARRAY) {
          return among(parser);
        }
        parser.skipChildren();
      }
      return OptionalLong.empty();
    }
  }

  private static OptionalLong among(JsonParser entries) {
    while (entries.nextToken() == JsonToken.START_OBJECT) {
      String name = "";
      long offset = 0;
      while (entries.nextToken() == JsonToken.PROPERTY_NAME) {
        String property = entries.currentName();
        JsonToken value = entries.nextToken();
        if (property.equals("name") && value == JsonToken.VALUE_STRING) {
          name = LayerPaths.clean(entries.getString(), entries.getString());
        } else if (property.equals("offset") && value == JsonToken.VALUE_NUMBER_INT) {
          offset = entries.getLongValue();
        } else {
          entries.skipChildren();
        }
      }
      if (name.equals(LayerPaths.PREFETCH_LANDMARK)) {
        return OptionalLong.of(offset);
      }
      if (name.equals(LayerPaths.NO_PREFETCH_LANDMARK)) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }
}
