package io.lighter.conversion;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
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
    var packed = new Packed(blob, offset, size - Footer.LENGTH);
    try (var plain = new GZIPInputStream(packed, 16 << 10)) {
      plain.skipNBytes(TarHeader.BLOCK);
      return Optional.of(new LazyBounds(offset, landmark(plain)));
    } catch (IOException | JacksonException | ConversionException e) {
      if (packed.failure != null) {
        throw packed.failure;
      }
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

  /** Bytes of a blob one after the other; remembers that they could not be read. */
  private static final class Packed extends InputStream {
    private final BlobView blob;
    private final long end;
    private long position;
    private @Nullable IOException failure;

    Packed(BlobView blob, long position, long end) {
      this.blob = blob;
      this.position = position;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      var single = new byte[1];
      return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position >= end) {
        return -1;
      }
      int most = (int) Math.min(length, end - position);
      try {
        int count = blob.read(position, ByteBuffer.wrap(target, offset, most));
        position += Math.max(count, 0);
        return count;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
