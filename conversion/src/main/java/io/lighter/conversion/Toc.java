package io.lighter.conversion;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.lighter.oci.Digest;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/**
 * The table of contents of an eStargz blob.
 *
 * @param version always 1
 * @param entries in the order of the blob
 */
public record Toc(int version, List<TocEntry> entries) {

  /** The only version there is. */
  public static final int VERSION = 1;

  static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Digest.class, ToStringSerializer.instance)
                  .addDeserializer(Digest.class, new DigestReader()))
          .changeDefaultPropertyInclusion(
              i -> i.withValueInclusion(JsonInclude.Include.NON_DEFAULT))
          .changeDefaultNullHandling(_ -> JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY))
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  public Toc {
    entries = List.copyOf(entries);
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "a TOC has version %d, not %d".formatted(VERSION, version));
    }
  }

  /**
   * Reads the JSON of a TOC.
   *
   * @throws JacksonException if it is not a TOC
   */
  static Toc parse(byte[] json) {
    return JSON.readValue(json, Toc.class);
  }

  private static final class DigestReader extends StdDeserializer<Digest> {
    DigestReader() {
      super(Digest.class);
    }

    @Override
    public Digest deserialize(JsonParser parser, DeserializationContext context) {
      String text = parser.getString();
      return Digest.tryParse(text)
          .orElseThrow(
              () -> context.weirdStringException(text, Digest.class, "not a supported digest"));
    }
  }
}
