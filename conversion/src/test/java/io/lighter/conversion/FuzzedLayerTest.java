package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Valid layers with bytes changed, cut, doubled or left out anywhere, before or after compression:
 * refused with a reason, or converted to what Commons Compress reads in the same bytes.
 */
class FuzzedLayerTest {

  private static final int ROUNDS = 2000;

  /** What became of the rounds; {@code unjudged} are those that Commons Compress cannot read. */
  private static final class Tally {
    int converted;
    int refused;
    int unjudged;

    @Override
    public String toString() {
      return "%d converted, %d refused, %d unjudged".formatted(converted, refused, unjudged);
    }
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void convert_anyBytes_isFaithfulOrRefused() {
    var tally = new Tally();
    for (long seed = 1; seed <= ROUNDS; seed++) {
      round(seed, tally);
    }

    // Both must happen often, or the rounds prove nothing.
    assertThat(tally.converted).as("%s", tally).isGreaterThan(ROUNDS / 10);
    assertThat(tally.refused).as("%s", tally).isGreaterThan(ROUNDS / 10);
    assertThat(tally.unjudged).as("%s", tally).isLessThan(ROUNDS / 50);
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void convert_anyBytesOfTheDay_isFaithfulOrRefused() {
    var tally = new Tally();
    long first = System.currentTimeMillis();
    for (long seed = first; seed < first + ROUNDS / 10; seed++) {
      round(seed, tally);
    }
  }

  private static void round(long seed, Tally tally) {
    String what = "seed " + seed;
    var random = new Random(seed);
    var tar = new RandomTar(seed / 4, 6);
    byte[] plain = tar.plain();
    boolean inside = random.nextInt(3) != 0;
    if (inside) {
      plain = damaged(plain, random);
    }
    byte[] layer = tar.packed(plain);
    if (!inside) {
      layer = damaged(layer, random);
    }
    Conversions.Result result;
    try {
      result = Conversions.convert(layer);
    } catch (ConversionException e) {
      assertThat(e.getMessage()).as(what).isNotBlank().doesNotContain("\n", "null");
      tally.refused++;
      return;
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    String digest = result.layer().sourceDiffId().toString();
    byte[] read = digest.equals(EStargzReader.sha256(plain)) ? plain : uncompressed(layer);
    assertThat(digest).as(what).isEqualTo(EStargzReader.sha256(read));
    try {
      TarOracle.check(read, result.blob(), what);
      tally.converted++;
    } catch (IOException e) {
      tally.unjudged++;
    }
  }

  /** What survived is either not compressed any more or has lost whole gzip members or frames. */
  private static byte[] uncompressed(byte[] layer) {
    int first = layer.length == 0 ? 0 : layer[0];
    try (InputStream blob = new ByteArrayInputStream(layer);
        InputStream in =
            switch (first) {
              case 0x1f -> new GZIPInputStream(blob);
              case 0x28 -> new ZstdInputStream(blob);
              default -> blob;
            }) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    byte[] result = bytes.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0 && result.length > 0; changes--) {
      int from = random.nextInt(result.length);
      int to = Math.min(result.length, from + 1 + random.nextInt(random.nextBoolean() ? 8 : 1024));
      result =
          switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(result, from);
            case 1 -> joined(result, 0, from, to, result.length);
            case 2 -> joined(result, 0, to, from, result.length);
            case 3 -> filled(result, from, to, (byte) random.nextInt(256));
            default -> changed(result, from, random);
          };
    }
    return result;
  }

  private static byte[] joined(byte[] bytes, int from, int to, int secondFrom, int secondTo) {
    var out = new ByteArrayOutputStream();
    out.write(bytes, from, to - from);
    out.write(bytes, secondFrom, secondTo - secondFrom);
    return out.toByteArray();
  }

  private static byte[] filled(byte[] bytes, int from, int to, byte value) {
    Arrays.fill(bytes, from, to, value);
    return bytes;
  }

  /** One byte, half the time in a header whose checksum is then mended. */
  private static byte[] changed(byte[] bytes, int at, Random random) {
    int block = at / TarBuilder.BLOCK * TarBuilder.BLOCK;
    bytes[at] ^= (byte) (1 << random.nextInt(8));
    boolean header = block + TarBuilder.BLOCK <= bytes.length && bytes[block + 257] == 'u';
    if (header && random.nextInt(4) != 0) {
      Arrays.fill(bytes, block + 148, block + 156, (byte) ' ');
      int sum = 0;
      for (int i = block; i < block + TarBuilder.BLOCK; i++) {
        sum += bytes[i] & 0xff;
      }
      byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, bytes, block + 148, digits.length);
    }
    return bytes;
  }
}
