package io.lighter.bench.lazy;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.bench.load.ByteRange;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadsTest {
  private static final long SIZE = 10_000_000;

  private static LazyLayer layer(long prefetch) {
    var files = new ArrayList<ByteRange>();
    for (long at = 600; at < SIZE - 400_000; at += 30_000) {
      files.add(new ByteRange(at, 30_000));
    }
    var descriptor = Descriptor.of("layer", Digest.ofSha256(new byte[] {1}), SIZE);
    return new LazyLayer(descriptor, "/layer", true, SIZE - 300_000, prefetch, files);
  }

  private static long bytes(Reads reads) {
    return reads.windows().stream().mapToLong(window -> window.range().length()).sum();
  }

  @Test
  void model_share_isReadInChunksAndNothingTwice() {
    Reads reads = Reads.model(List.of(layer(0), layer(0)), 0.2, 1);
    // A file more or less, of two chunks at most.
    assertThat(bytes(reads)).isBetween(4_000_000L, 4_100_000L);
    for (int layer = 0; layer < 2; layer++) {
      var seen = new ChunkSet(layer(0));
      for (Reads.Window window : reads.windows()) {
        if (window.layer() == layer) {
          assertThat(window.range().first() % LazyLayer.CHUNK).isZero();
          assertThat(seen.missing(window.range())).containsExactly(window.range());
          seen.add(window.range());
        }
      }
    }
  }

  @Test
  void model_prefetched_countsAndIsNotReadAgain() {
    Reads reads = Reads.model(List.of(layer(1_999_999)), 0.3, 1);
    assertThat(bytes(reads)).isBetween(1_000_000L, 1_100_000L);
    assertThat(reads.windows()).allMatch(window -> window.range().first() >= 2_000_000);
    assertThat(Reads.model(List.of(layer(3_000_000)), 0.3, 1).windows()).isEmpty();
  }

  @Test
  void model_sameSeed_readsTheSame() {
    List<LazyLayer> layers = List.of(layer(0));
    assertThat(Reads.model(layers, 0.1, 4)).isEqualTo(Reads.model(layers, 0.1, 4));
    assertThat(Reads.model(layers, 0.1, 4)).isNotEqualTo(Reads.model(layers, 0.1, 5));
  }

  @Test
  void missing_partlyThere_isWhatIsBetween() {
    var chunks = new ChunkSet(layer(0));
    chunks.add(new ByteRange(100_000, 50_000));
    assertThat(chunks.missing(new ByteRange(0, 250_000)))
        .containsExactly(new ByteRange(0, 100_000), new ByteRange(150_000, 100_000));
    assertThat(chunks.missing(new ByteRange(100_000, 50_000))).isEmpty();
  }

  @Test
  void footer_lastPartialChunk() {
    var descriptor = Descriptor.of("layer", Digest.ofSha256(new byte[] {1}), 35_324_206);
    var layer = new LazyLayer(descriptor, "/layer", true, 35_000_000, 0, List.of());
    assertThat(layer.footer()).hasToString("35300000-35324205");
  }
}
