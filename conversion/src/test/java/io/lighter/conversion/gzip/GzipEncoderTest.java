package io.lighter.conversion.gzip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lighter.conversion.Conversions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GzipEncoderTest {

  private static final int CAPACITY = 1 << 20;

  /** Every encoder that this machine has; the report of the test names them. */
  static Stream<GzipEncoders> encoders() {
    return Stream.concat(Stream.of(GzipEncoders.jdk()), GzipEncoders.libdeflate().stream());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void encode_anyInput_isOneGzipMemberOfIt(GzipEncoders encoders) {
    try (var encoder = encoders.open(CAPACITY)) {
      for (int length : new int[] {0, 1, 2, 511, 512, 65_535, 65_536, 300_000, CAPACITY}) {
        for (byte[] plain : new byte[][] {new byte[length], noise(length), text(length)}) {
          var packed = new byte[7 + GzipEncoder.bound(length)];
          int end = encoder.encode(plain, 0, length, packed, 7);
          byte[] member = Arrays.copyOfRange(packed, 7, end);

          assertThat(Conversions.gunzip(member)).isEqualTo(plain);
          assertThat(Arrays.copyOf(member, 10))
              .containsExactly(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void encode_partOfAnArray_readsThatPartOnly(GzipEncoders encoders) {
    byte[] plain = text(1000);
    var packed = new byte[GzipEncoder.bound(300)];
    try (var encoder = encoders.open(300)) {
      int end = encoder.encode(plain, 500, 300, packed, 0);

      assertThat(Conversions.gunzip(Arrays.copyOf(packed, end)))
          .isEqualTo(Arrays.copyOfRange(plain, 500, 800));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void fingerprint_sameEncoder_isStable(GzipEncoders encoders) {
    assertThat(encoders.fingerprint()).matches("[0-9a-f]{8}");
    assertThat(encoders().map(GzipEncoders::fingerprint)).contains(encoders.fingerprint());
    assertThat(encoders.toString())
        .contains(encoders.name(), encoders.fingerprint(), "level " + encoders.level());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void close_twice_isHarmless(GzipEncoders encoders) {
    var encoder = encoders.open(100);
    encoder.close();
    encoder.close();

    assertThat(encoders.open(100)).isNotSameAs(encoder);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void atLevel_higher_isSmallerAndToldApart(GzipEncoders encoders) {
    byte[] plain = text(200_000);
    var packed = new byte[GzipEncoder.bound(plain.length)];
    try (var low = encoders.atLevel(1).open(plain.length);
        var high = encoders.atLevel(9).open(plain.length)) {
      int lowEnd = low.encode(plain, 0, plain.length, packed, 0);

      assertThat(high.encode(plain, 0, plain.length, packed, 0)).isLessThan(lowEnd);
    }
    assertThat(encoders.atLevel(1).level()).isEqualTo(1);
    assertThat(encoders.atLevel(1).fingerprint()).isNotEqualTo(encoders.atLevel(9).fingerprint());
    assertThatThrownBy(() -> encoders.atLevel(13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allowed are 1 to");
  }

  @Test
  void detect_libdeflatePresent_prefersIt() {
    assumeThat(GzipEncoders.libdeflate()).as("libdeflate on this machine").isPresent();

    assertThat(GzipEncoders.detect().name()).isEqualTo("libdeflate");
    assertThat(GzipEncoders.detect().fingerprint()).isNotEqualTo(GzipEncoders.jdk().fingerprint());
  }

  @Test
  void detect_always_findsOne() {
    GzipEncoders encoders = GzipEncoders.detect();

    assertThat(encoders.name())
        .isEqualTo(GzipEncoders.libdeflate().isPresent() ? "libdeflate" : "jdk");
    assertThat(encoders.level()).isEqualTo(5);
  }

  private static byte[] noise(int length) {
    var bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] text(int length) {
    var random = new Random(length);
    var bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) "etaoin shrdlu\n".charAt(random.nextInt(14));
    }
    return bytes;
  }
}
