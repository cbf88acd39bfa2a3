package io.lighter.conversion;

import com.github.luben.zstd.Zstd;
import io.lighter.conversion.gzip.GzipEncoders;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Short ways to convert and to compress in tests. */
public final class Conversions {

  /** Small enough that tests have files of several chunks. */
  static final int CHUNK = 4096;

  static final ConversionLimits LIMITS =
      new ConversionLimits(1L << 30, 10_000, 128 << 10, 1 << 20, 100);

  /** Made once, because it tries the compressor out to know its fingerprint. */
  private static final GzipEncoders JDK = GzipEncoders.jdk();

  /** A blob and what the converter said about it. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Result(ConvertedLayer layer, byte[] blob) {}

  private Conversions() {}

  static Result convert(byte[] source) {
    return convert(source, JDK);
  }

  static Result convert(byte[] source, GzipEncoders encoders) {
    return convert(source, new LayerConverter(encoders, LIMITS, Runnable::run, 1, CHUNK));
  }

  static Result convert(byte[] source, LayerConverter converter) {
    var blob = new ByteArrayOutputStream();
    try {
      return new Result(
          converter.convert(new ByteArrayInputStream(source), blob), blob.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BlobView view(byte[] blob) {
    return (position, target) -> {
      if (position >= blob.length) {
        return -1;
      }
      int n = (int) Math.min(target.remaining(), blob.length - position);
      target.put(blob, (int) position, n);
      return n;
    };
  }

  static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  public static byte[] gunzip(byte[] bytes) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] zstd(byte[] bytes) {
    return Zstd.compress(bytes);
  }

  static byte[] concat(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
