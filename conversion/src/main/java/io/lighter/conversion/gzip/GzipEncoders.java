package io.lighter.conversion.gzip;

import io.lighter.oci.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A kind of encoder, and the source of its instances.
 *
 * <p>Neither zlib nor libdeflate is asked for its version: libdeflate cannot say it at run time,
 * and zlib's says little about the many builds and forks. What counts is which bytes come out, so a
 * kind is told apart by the hash of what it makes of a fixed sample. Thread-safe.
 */
public final class GzipEncoders {

  private static final List<String> LIBDEFLATE_NAMES =
      List.of("libdeflate.so.0", "libdeflate.so", "libdeflate.0.dylib", "libdeflate.dylib");

  private final String name;
  private final String origin;
  private final int level;
  private final int maxLevel;
  private final Factory factory;
  private final Supplier<GzipDecoder> decoders;
  private final String fingerprint;

  @FunctionalInterface
  private interface Factory {
    GzipEncoder open(int level, int capacity);
  }

  private GzipEncoders(
      String name,
      String origin,
      int level,
      int maxLevel,
      Factory factory,
      Supplier<GzipDecoder> decoders) {
    this.name = name;
    this.origin = origin;
    this.level = level;
    this.maxLevel = maxLevel;
    this.factory = factory;
    this.decoders = decoders;
    this.fingerprint = hashOfSample();
  }

  /**
   * The same kind at another level.
   *
   * @param other from 1 to 9 for the JDK's encoder and to 12 for libdeflate
   */
  public GzipEncoders atLevel(int other) {
    if (other < 1 || other > maxLevel) {
      throw new IllegalArgumentException(
          "%s has no level %d; allowed are 1 to %d".formatted(name, other, maxLevel));
    }
    return new GzipEncoders(name, origin, other, maxLevel, factory, decoders);
  }

  /** The fastest kind that this machine has: libdeflate if it can be loaded, else the JDK's. */
  public static GzipEncoders detect() {
    return libdeflate().orElseGet(GzipEncoders::jdk);
  }

  /** libdeflate, if the dynamic linker finds it and native access is granted. */
  public static Optional<GzipEncoders> libdeflate() {
    for (String file : LIBDEFLATE_NAMES) {
      try {
        var library = new Libdeflate(file);
        return Optional.of(
            new GzipEncoders(
                "libdeflate",
                file,
                LibdeflateEncoder.DEFAULT_LEVEL,
                LibdeflateEncoder.MAX_LEVEL,
                (level, capacity) -> new LibdeflateEncoder(library, level, capacity),
                () -> new LibdeflateDecoder(library)));
      } catch (IllegalArgumentException | NoSuchElementException | IllegalCallerException e) {
        // Not under this name, not the real thing, or not allowed: the next name, then the JDK's.
      }
    }
    return Optional.empty();
  }

  /** The JDK's zlib, which is always there. */
  public static GzipEncoders jdk() {
    return new GzipEncoders(
        "jdk",
        "java.util.zip of Java " + Runtime.version().feature(),
        JdkEncoder.DEFAULT_LEVEL,
        JdkEncoder.MAX_LEVEL,
        (level, _) -> new JdkEncoder(level),
        JdkDecoder::new);
  }

  /** A new encoder for at most {@code capacity} bytes at a time; the caller closes it. */
  public GzipEncoder open(int capacity) {
    return factory.open(level, capacity);
  }

  /** A new decoder of the same library; the caller closes it. */
  public GzipDecoder openDecoder() {
    return decoders.get();
  }

  /** {@code libdeflate} or {@code jdk}. */
  public String name() {
    return name;
  }

  /** Eight hex characters that differ between encoders which give different bytes. */
  public String fingerprint() {
    return fingerprint;
  }

  /** The compression level that the encoders work at. */
  public int level() {
    return level;
  }

  /** One line for people: what compresses, where it comes from, and how. */
  @Override
  public String toString() {
    return "%s (%s, fingerprint %s, level %d)".formatted(name, origin, fingerprint, level());
  }

  private String hashOfSample() {
    byte[] sample = sample();
    var packed = new byte[GzipEncoder.bound(sample.length)];
    try (var encoder = open(sample.length)) {
      int length = encoder.encode(sample, 0, sample.length, packed, 0);
      return Digest.ofSha256(Arrays.copyOf(packed, length)).hex().substring(0, 8);
    }
  }

  /** 256 KiB with matches near and far, literals of uneven frequency and some noise. */
  private static byte[] sample() {
    var bytes = new byte[256 << 10];
    long state = 0x9e3779b97f4a7c15L;
    int i = 0;
    while (i < bytes.length) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      int random = (int) (state >>> 33);
      if (i > 64 && (random & 3) != 0) {
        int distance = 1 + (random >>> 4) % Math.min(i, 40_000);
        int length = Math.min(3 + (random >>> 20) % 60, bytes.length - i);
        for (int end = i + length; i < end; i++) {
          bytes[i] = bytes[i - distance];
        }
      } else {
        bytes[i++] = (byte) (random >>> 8 & random >>> 16);
      }
    }
    return bytes;
  }
}
