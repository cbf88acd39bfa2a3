package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.gzip.GzipEncoders;
import org.junit.jupiter.api.Test;

class RecipeTest {

  @Test
  void id_namesEverythingThatDecidesBytes() {
    assertThat(new Recipe(1, "libdeflate", "1a2b3c4d", 6, 4194304).id())
        .isEqualTo("estargz1-libdeflate-1a2b3c4d-l6-c4194304");
    assertThat(new Recipe(1, "jdk", "1a2b3c4d", 5, 4194304, 50000, "0123456789abcdef").id())
        .isEqualTo("estargz1-jdk-1a2b3c4d-l5-c4194304-m50000-p0123456789abcdef");
  }

  @Test
  void id_ofConverter_isThatOfItsEncoder() {
    GzipEncoders jdk = GzipEncoders.jdk();
    var converter = new LayerConverter(jdk, ConversionLimits.DEFAULT, Runnable::run, 1);

    assertThat(converter.recipe())
        .isEqualTo(
            new Recipe(
                Recipe.FORMAT_VERSION, "jdk", jdk.fingerprint(), 5, LayerConverter.CHUNK_SIZE));
  }
}
