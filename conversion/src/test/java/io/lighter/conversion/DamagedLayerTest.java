package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers with random damage: converted correctly or refused with a reason, never anything else. */
class DamagedLayerTest {

  private static final int ROUNDS = 150;

  private static byte[] layer() {
    return new TarBuilder()
        .pax('g', Map.of("comment", new byte[] {'c'}))
        .directory("./d/")
        .pax("path", "d/f", "mtime", "1600000000.5", "SCHILY.xattr.user.x", "v")
        .file("f", "content".repeat(1000))
        .gnuLong('L', "d/" + "n".repeat(120))
        .file("n", "")
        .gnuLong('K', "d/" + "n".repeat(120))
        .hardlink("h", "n")
        .symlink("s", "target")
        .entry(TarBuilder.header("c", '3').device(1, 2))
        .build();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void convert_randomDamage_isFaithfulOrRefused(long seed) {
    var random = new Random(seed);
    int converted = 0;
    for (int round = 0; round < ROUNDS; round++) {
      if (survives(damage(layer(), random), "seed " + seed + " round " + round)) {
        converted++;
      }
    }

    // Damage that goes unnoticed must be possible, or the rounds prove nothing.
    assertThat(converted).isBetween(1, ROUNDS - 1);
  }

  @Test
  void convert_randomDamageOfTheDay_isFaithfulOrRefused() {
    long seed = System.nanoTime();
    System.out.println("DamagedLayerTest seed " + seed);
    convert_randomDamage_isFaithfulOrRefused(seed);
  }

  private static boolean survives(byte[] layer, String round) {
    Conversions.Result result;
    try {
      result = Conversions.convert(layer);
    } catch (ConversionException e) {
      assertThat(e.getMessage()).as(round).isNotBlank().doesNotContain("\n", "null");
      return false;
    } catch (RuntimeException e) {
      throw new AssertionError(round, e);
    }
    // Opening checks every chunk.
    assertThat(EStargzReader.open(result.blob()).tocDigest())
        .as(round)
        .isEqualTo(result.layer().tocDigest().toString());
    return true;
  }

  /** Changes a few bytes, nearly always in headers, and mostly mends the checksums. */
  private static byte[] damage(byte[] layer, Random random) {
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      int block = random.nextInt(layer.length / TarBuilder.BLOCK) * TarBuilder.BLOCK;
      int at = block + random.nextInt(random.nextBoolean() ? TarBuilder.BLOCK : 160);
      layer[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) random.nextInt(256);
            case 1 -> (byte) ('0' + random.nextInt(10));
            case 2 -> 0;
            default -> (byte) "/.=\n gxLK1257S".charAt(random.nextInt(14));
          };
      if (random.nextInt(8) != 0 && isHeader(layer, block)) {
        mend(layer, block);
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(layer, random.nextInt(layer.length)) : layer;
  }

  private static boolean isHeader(byte[] layer, int block) {
    return new String(layer, block + 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
  }

  private static void mend(byte[] layer, int block) {
    Arrays.fill(layer, block + 148, block + 156, (byte) ' ');
    int sum = 0;
    for (int i = block; i < block + TarBuilder.BLOCK; i++) {
      sum += layer[i] & 0xff;
    }
    byte[] text = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, layer, block + 148, text.length);
  }
}
