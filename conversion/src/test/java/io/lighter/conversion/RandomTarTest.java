package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Random layers, converted and read again by readers that share no code with the converter. */
class RandomTarTest {

  private static final int FIXED = 200;
  private static final int OF_THE_DAY = 50;

  @Test
  void convert_randomTars_areReadAlike() throws IOException {
    for (long seed = 1; seed <= FIXED; seed++) {
      check(seed);
    }
  }

  @Test
  void convert_randomTarsOfTheDay_areReadAlike() throws IOException {
    long first = System.currentTimeMillis();
    for (long seed = first; seed < first + OF_THE_DAY; seed++) {
      check(seed);
    }
  }

  private static void check(long seed) throws IOException {
    var tar = new RandomTar(seed, 30);
    byte[] plain = tar.plain();
    Conversions.Result result;
    try {
      result = Conversions.convert(tar.packed(plain));
    } catch (ConversionException e) {
      throw new AssertionError("seed " + seed + " was refused", e);
    }
    TarOracle.check(plain, result.blob(), "seed " + seed);
    assertThat(result.layer().sourceDiffId())
        .as("seed %d", seed)
        .hasToString(EStargzReader.sha256(plain));
    assertThat(result.layer().diffId())
        .as("seed %d", seed)
        .hasToString(EStargzReader.sha256(Conversions.gunzip(result.blob())));
  }
}
