package io.lighter.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExtentsTest {
  private static final int SIZE = 60;

  private final Extents extents = new Extents();

  @Test
  void add_touchingExtents_areOne() {
    extents.add(new Extent(0, 10));
    extents.add(new Extent(20, 30));
    extents.add(new Extent(10, 20));

    assertThat(extents).containsExactly(new Extent(0, 30));
  }

  @Test
  void extent_emptyOrNegative_refused() {
    assertThatThrownBy(() -> new Extent(5, 5)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Extent(-1, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void copy_isIndependent() {
    extents.add(new Extent(0, 10));
    Extents copy = extents.copy();
    extents.remove(new Extent(0, 10));

    assertThat(copy.bytes()).isEqualTo(10);
    assertThat(extents.isEmpty()).isTrue();
  }

  /** Every operation against a bit for each byte. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomChanges_sayWhatABitSetSays(long seed) {
    var random = new Random(seed);
    var model = new BitSet(SIZE);
    for (int i = 0; i < 2000; i++) {
      int first = random.nextInt(SIZE);
      int end = first + 1 + random.nextInt(Math.min(12, SIZE - first));
      if (random.nextInt(3) > 0) {
        extents.add(new Extent(first, end));
        model.set(first, end);
      } else {
        extents.remove(new Extent(first, end));
        model.clear(first, end);
      }
      compare(model, new Extent(first, end));
    }
  }

  private void compare(BitSet model, Extent within) {
    assertThat(extents).containsExactlyElementsOf(runs(model, new Extent(0, SIZE), true));
    assertThat(extents.bytes()).isEqualTo(model.cardinality());
    assertThat(extents.end()).isEqualTo(model.length());
    assertThat(extents.gaps(within)).isEqualTo(runs(model, within, false));
    assertThat(extents.firstGap(within)).isEqualTo(runs(model, within, false).stream().findFirst());
    assertThat(extents.containsAll(within)).isEqualTo(runs(model, within, false).isEmpty());
    int first = (int) within.first();
    assertThat(extents.lengthFrom(first)).isEqualTo(model.nextClearBit(first) - first);
  }

  private static List<Extent> runs(BitSet model, Extent within, boolean set) {
    var runs = new ArrayList<Extent>();
    int at = (int) within.first();
    while (at < within.end()) {
      int end = set == model.get(at) ? at : -1;
      if (end < 0) {
        at++;
        continue;
      }
      while (end < within.end() && model.get(end) == set) {
        end++;
      }
      runs.add(new Extent(at, end));
      at = end;
    }
    return runs;
  }
}
