package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;

class LayerLayoutTest {

  @Test
  void write_randomTarsAndLists_givesWhatAConversionGives() throws IOException {
    for (long seed = 1; seed <= 300; seed++) {
      var random = new Random(seed);
      byte[] source = new RandomTar(seed, 40).plain();
      var converter =
          new LayerConverter(GzipEncoders.jdk(), Conversions.LIMITS, Runnable::run, 1, 4096);
      if (random.nextInt(4) == 0) {
        converter = converter.withMinChunkSize(1 + random.nextInt(5000));
      }
      String list = random.nextInt(3) == 0 ? "**/n*\n" : "**[02468]\n**long*\n";
      long most = random.nextInt(60_000);
      var prefetch =
          new Prefetch(
              PrefetchList.parse(
                  new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)), "list"),
              most,
              LayerLayoutTest::scratch);
      var expected = new ByteArrayOutputStream();
      var plain = new ByteArrayOutputStream();
      ConvertedLayer first = converter.convert(new ByteArrayInputStream(source), plain);
      ConvertedLayer wanted;
      Recipe recipe;
      try (var prepared = converter.prepare(() -> new ByteArrayInputStream(source), prefetch)) {
        recipe = prepared.recipe();
        wanted = prepared.convert(expected);
      }
      byte[] blob = plain.toByteArray();
      var layout = converter.layout(view(blob), blob.length, prefetch);
      var out = new ByteArrayOutputStream();
      var result = layout.write(first.sourceDiffId(), out);
      assertThat(out.toByteArray()).as("seed %d", seed).isEqualTo(expected.toByteArray());
      assertThat(result.layer()).isEqualTo(wanted);
      assertThat(layout.recipe()).isEqualTo(recipe);
    }
  }

  private static SeekableByteChannel scratch() {
    return new SeekableInMemoryByteChannel();
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
}
