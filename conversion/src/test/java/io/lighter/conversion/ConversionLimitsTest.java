package io.lighter.conversion;

import static io.lighter.conversion.Conversions.gzip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.gzip.GzipEncoders;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConversionLimitsTest {

  private static final ConversionLimits SMALL = new ConversionLimits(100_000, 10, 4096, 20_000, 10);

  private static Conversions.Result convert(byte[] source) {
    return Conversions.convert(
        source, new LayerConverter(GzipEncoders.jdk(), SMALL, Runnable::run, 1));
  }

  @Test
  void convert_moreBytesThanAllowed_isTooLarge() {
    byte[] source = new TarBuilder().file("a", new byte[100_000]).build();

    assertThatThrownBy(() -> convert(source))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("longer than 100000 bytes");
  }

  @Test
  void convert_expandsMoreThanAllowed_isTooLarge() {
    byte[] bomb = gzip(new TarBuilder().file("a", new byte[90_000]).build());

    assertThatThrownBy(() -> convert(bomb))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("at most 10 times as many");
  }

  @Test
  void convert_expandsMuchButLittle_isFine() {
    byte[] zeros = gzip(new TarBuilder().file("a", new byte[18_000]).build());

    assertThat(convert(zeros).layer().entries()).isEqualTo(1);
  }

  @Test
  void convert_moreEntriesThanAllowed_isTooLarge() {
    var tar = new TarBuilder();
    for (int i = 0; i < 10; i++) {
      tar.file("f" + i, "");
    }
    assertThat(convert(tar.build()).layer().entries()).isEqualTo(10);

    assertThatThrownBy(() -> convert(tar.file("one more", "").build()))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("more than 10 entries");
  }

  @Test
  void convert_moreImpliedDirectoriesThanAllowed_isTooLarge() {
    byte[] source = new TarBuilder().gnuLong('L', "a/".repeat(20) + "b").file("x", "").build();

    assertThatThrownBy(() -> convert(source)).isInstanceOf(LayerTooLargeException.class);
  }

  @Test
  void convert_longerPathsThanMemoryAllows_isTooLarge() {
    byte[] source =
        new TarBuilder()
            .gnuLong('L', ("a".repeat(250) + "/").repeat(9) + "f")
            .file("x", "")
            .build();

    assertThatThrownBy(() -> convert(source)).isInstanceOf(LayerTooLargeException.class);
  }

  @Test
  void convert_longerHeadersThanAllowed_isTooLarge() {
    byte[] source =
        new TarBuilder()
            .pax('x', Map.of("SCHILY.xattr.user.a", new byte[4096]))
            .file("a", "")
            .build();

    assertThatThrownBy(() -> convert(source))
        .isInstanceOf(LayerTooLargeException.class)
        .hasMessageContaining("allowed are 4096");
  }

  @Test
  void limits_notPositive_areRefused() {
    assertThatThrownBy(() -> new ConversionLimits(0, 1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be positive");
  }
}
