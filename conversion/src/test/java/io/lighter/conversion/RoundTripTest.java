package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.Conversions.Result;
import io.lighter.conversion.gzip.GzipEncoders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random layers: whatever goes in comes out, by chunk as well as in one piece. */
class RoundTripTest {

  /** A random layer, and what a client must find in it. */
  private static final class Layer {
    final Random random;
    final TarBuilder tar = new TarBuilder();
    final Map<String, byte[]> files = new LinkedHashMap<>();
    final List<String> names = new ArrayList<>();
    String directory = "";

    Layer(long seed) {
      random = new Random(seed);
      int entries = random.nextInt(200);
      for (int i = 0; i < entries; i++) {
        add(i);
      }
    }

    private void add(int i) {
      String name = directory + name(i);
      boolean fits = name.getBytes(StandardCharsets.UTF_8).length <= 100;
      String shown = fits ? name : "f" + i;
      if (!fits && random.nextBoolean()) {
        tar.gnuLong('L', name);
      } else if (!fits || random.nextInt(4) == 0) {
        tar.pax("path", name, "SCHILY.xattr.user.n", "v" + i);
      }
      switch (random.nextInt(8)) {
        case 0 -> {
          tar.directory(shown);
          directory = random.nextBoolean() ? name + "/" : "";
        }
        case 1 -> tar.symlink(shown, "target" + i);
        case 2 -> put(name, shown, new byte[0]);
        default -> put(name, shown, content());
      }
      names.add(name);
    }

    private void put(String name, String field, byte[] content) {
      files.put(name, content);
      tar.file(field, content);
    }

    private String name(int i) {
      return switch (random.nextInt(4)) {
        case 0 -> "long".repeat(random.nextInt(40)) + i;
        case 1 -> "\u00fc\u6f22\ud83d\udc33" + i;
        case 2 -> "with \"quotes\" \\ and\ttabs" + i;
        default -> "n" + i;
      };
    }

    private byte[] content() {
      int chunk = Conversions.CHUNK;
      int length =
          switch (random.nextInt(4)) {
            case 0 -> chunk * (1 + random.nextInt(3));
            case 1 -> random.nextInt(5 * chunk);
            default -> 1 + random.nextInt(600);
          };
      var bytes = new byte[length];
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
      }
      return bytes;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void convert_randomLayer_isFaithful(long seed) {
    check(seed);
  }

  @Test
  void convert_randomLayerOfTheDay_isFaithful() {
    long seed = System.nanoTime();
    System.out.println("RoundTripTest seed " + seed);
    check(seed);
  }

  private static void check(long seed) {
    var layer = new Layer(seed);
    byte[] source = layer.tar.build();
    try (var executor = Executors.newFixedThreadPool(2)) {
      var converter =
          new LayerConverter(
              GzipEncoders.detect(), Conversions.LIMITS, executor, 2, Conversions.CHUNK);
      Result result = Conversions.convert(source, converter);
      var reader = EStargzReader.open(result.blob());

      assertThat(reader.names().subList(1, reader.names().size()))
          .as("seed %d", seed)
          .isEqualTo(layer.names);
      layer.files.forEach((name, content) ->
          assertThat(reader.content(name)).as("seed %d, %s", seed, name).isEqualTo(content));
      byte[] plain = Conversions.gunzip(result.blob());
      byte[] entries = layer.tar.bytes();
      assertThat(Arrays.copyOfRange(plain, 1024, 1024 + entries.length))
          .as("seed %d", seed)
          .isEqualTo(entries);
      assertThat(result.layer().diffId()).hasToString(EStargzReader.sha256(plain));
      assertThat(result.layer().tocDigest()).hasToString(reader.tocDigest());
    }
  }
}
