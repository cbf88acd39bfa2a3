package io.lighter.conversion;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Where the files of a lazy layer lie in its blob, for whoever shows that. Says nothing about
 * whether the layer is sound.
 *
 * @param tocOffset position of the TOC's gzip member, behind all files
 * @param files those of the image that have bytes, in the order of the blob
 * @param complete whether these are all of them
 */
public record LayerFiles(long tocOffset, List<File> files, boolean complete) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * A file.
   *
   * @param path relative to the root, as its entry has it
   * @param size uncompressed length in bytes, more than 0
   * @param offset where its first gzip member begins in the blob
   * @param end where the next file begins, or the TOC; small files may share a member
   */
  public record File(String path, long size, long offset, long end) {}

  public LayerFiles {
    files = List.copyOf(files);
  }

  /**
   * Reads the TOC of a blob as a stream, so that a long one takes no more memory than the files
   * that are kept of it.
   *
   * @param size length of the blob
   * @param most files that are kept, the first ones of the blob
   * @return empty if it is no eStargz
   * @throws IOException if the blob cannot be read
   */
  public static Optional<LayerFiles> read(BlobView blob, long size, int most) throws IOException {
    Optional<Footer> footer = Footer.read(blob, size);
    if (footer.isEmpty()) {
      return Optional.empty();
    }
    long offset = footer.get().tocOffset();
    var packed = new PackedBytes(blob, offset, size - Footer.LENGTH);
    try (var plain = new GZIPInputStream(packed, 16 << 10)) {
      plain.skipNBytes(TarHeader.BLOCK);
      return Optional.of(parse(plain, offset, most));
    } catch (IOException | JacksonException e) {
      packed.rethrow();
      return Optional.empty(); // The blob can be read, and this is no TOC.
    }
  }

  private static LayerFiles parse(InputStream json, long tocOffset, int most) {
    var starts = new ArrayList<Start>();
    boolean complete = true;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      while (complete && parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean entries = parser.currentName().equals("entries");
        if (parser.nextToken() == JsonToken.START_ARRAY && entries) {
          complete = collect(parser, starts, most);
        } else {
          parser.skipChildren();
        }
      }
    }
    return new LayerFiles(tocOffset, bounded(starts, tocOffset), complete);
  }

  /** Whether all files found room. */
  private static boolean collect(JsonParser entries, List<Start> starts, int most) {
    while (entries.nextToken() == JsonToken.START_OBJECT) {
      String name = "";
      String type = "";
      long size = 0;
      long offset = 0;
      while (entries.nextToken() == JsonToken.PROPERTY_NAME) {
        String property = entries.currentName();
        JsonToken value = entries.nextToken();
        boolean text = value == JsonToken.VALUE_STRING;
        boolean number = value == JsonToken.VALUE_NUMBER_INT;
        if (property.equals("name") && text) {
          name = entries.getString();
        } else if (property.equals("type") && text) {
          type = entries.getString();
        } else if (property.equals("size") && number) {
          size = entries.getLongValue();
        } else if (property.equals("offset") && number) {
          offset = entries.getLongValue();
        } else {
          entries.skipChildren();
        }
      }
      if (type.equals("reg") && size > 0 && !isLandmark(name)) {
        if (starts.size() == most) {
          return false;
        }
        starts.add(new Start(name, size, offset));
      }
    }
    return true;
  }

  private static boolean isLandmark(String name) {
    return name.equals(LayerPaths.PREFETCH_LANDMARK)
        || name.equals(LayerPaths.NO_PREFETCH_LANDMARK);
  }

  private static List<File> bounded(List<Start> starts, long tocOffset) {
    var files = new ArrayList<File>(starts.size());
    long end = tocOffset;
    for (int i = starts.size() - 1; i >= 0; i--) {
      Start start = starts.get(i);
      files.add(new File(start.name, start.size, start.offset, Math.max(end, start.offset)));
      // Files of one member begin at the same place and end where that member does.
      end = i > 0 && starts.get(i - 1).offset == start.offset ? end : start.offset;
    }
    return files.reversed();
  }

  private record Start(String name, long size, long offset) {}
}
