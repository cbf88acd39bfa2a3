package io.lighter.server.pullthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.pullthrough.FetchPlan.Reservation;
import io.lighter.storage.Extent;
import io.lighter.storage.Extents;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchPlanTest {
  private static final int K = 1024;
  private static final long SIZE = 10_000L * K + 1;

  private final FetchPlan plan = new FetchPlan(SIZE, new Extents());

  @Test
  void want_aProbe_isOneSmallAlignedRequest() {
    plan.want(new Extent(0, 2));

    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(0, 32 * K));
    assertThat(plan.hasWanted()).isFalse();
    assertThat(plan.reserveWanted(SIZE)).isEmpty();
  }

  @Test
  void want_theEnd_isClippedToTheBlob() {
    plan.want(new Extent(SIZE - 10, SIZE));

    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(9996L * K, SIZE));
  }

  @Test
  void want_whatIsOnItsWay_isNotAskedForAgain() {
    plan.want(new Extent(0, 100 * K));
    Reservation first = plan.reserveWanted(SIZE).orElseThrow();
    plan.want(new Extent(50 * K, 200 * K));

    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(128 * K, 224 * K));

    plan.advance(first, 10 * K);
    plan.release(first);
    assertThat(rest(plan.reserveWanted(SIZE)))
        .as("what a request did not bring is missing again")
        .contains(new Extent(10 * K, 128 * K));
  }

  @Test
  void want_manyRanges_areServedInTheirOrder() {
    plan.want(new Extent(640 * K, 641 * K));
    plan.want(new Extent(0, 1));

    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(640 * K, 672 * K));
    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(0, 32 * K));
  }

  @Test
  void want_aLongRange_isSplit() {
    plan.want(new Extent(0, 576 * K));

    assertThat(rest(plan.reserveWanted(512 * K))).contains(new Extent(0, 512 * K));
    assertThat(rest(plan.reserveWanted(512 * K))).contains(new Extent(512 * K, 576 * K));
  }

  @Test
  void want_farAheadInARequestUnderWay_cutsIt() {
    Reservation fill = plan.reserveGap(0, SIZE).orElseThrow();

    plan.want(new Extent(5000L * K, 5001L * K));

    assertThat(plan.rest(fill)).contains(new Extent(0, 5000L * K));
    assertThat(rest(plan.reserveWanted(SIZE))).contains(new Extent(5000L * K, 5024L * K));
  }

  @Test
  void want_aLittleAheadInARequestUnderWay_waitsForIt() {
    Reservation fill = plan.reserveGap(0, SIZE).orElseThrow();

    plan.want(new Extent(500 * K, 501 * K));

    assertThat(plan.rest(fill)).contains(new Extent(0, SIZE));
    assertThat(plan.reserveWanted(SIZE)).isEmpty();
  }

  @Test
  void want_whileAllComesInItsOrder_changesNothing() {
    Reservation all = plan.reserveAll().orElseThrow();

    plan.want(new Extent(5000L * K, 5001L * K));

    assertThat(plan.rest(all)).contains(new Extent(0, SIZE));
    assertThat(plan.hasWanted()).isFalse();
    assertThat(plan.reserveAll()).as("once").isEmpty();
  }

  @Test
  void reserveGap_beginsWhereSomebodyWaits_andComesBackToTheBegin() {
    Reservation far = plan.reserveGap(9_000L * K, SIZE).orElseThrow();
    assertThat(plan.rest(far)).contains(new Extent(9_000L * K, SIZE));
    plan.advance(far, SIZE - 9_000L * K);

    assertThat(rest(plan.reserveGap(9_000L * K, 1000))).contains(new Extent(0, 1000));
  }

  /** Whatever is asked for, cut, lost and resumed: in the end all is here, and nothing twice. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void anyOrder_bringsEveryByteOnce(long seed) {
    var random = new Random(seed);
    var underWay = new ArrayList<Reservation>();
    long asked = 0;
    while (!plan.isWhole()) {
      switch (random.nextInt(4)) {
        case 0 -> {
          long first = random.nextLong(SIZE);
          plan.want(new Extent(first, Math.min(SIZE, first + 1 + random.nextInt(300 * K))));
        }
        case 1 -> plan.reserveWanted(SIZE).ifPresent(underWay::add);
        case 2 -> plan.reserveGap(random.nextLong(SIZE), 2000L * K).ifPresent(underWay::add);
        default -> {
          if (!underWay.isEmpty()) {
            Reservation one = underWay.get(random.nextInt(underWay.size()));
            Optional<Extent> rest = plan.rest(one);
            if (rest.isPresent()) {
              long bytes = 1 + random.nextLong(rest.get().length());
              plan.advance(one, bytes);
              asked += bytes;
            }
            if (plan.rest(one).isEmpty() || random.nextInt(5) == 0) {
              plan.release(one);
              underWay.remove(one);
            }
          }
        }
      }
      assertDisjoint(underWay);
    }
    assertThat(asked).isEqualTo(SIZE);
  }

  private void assertDisjoint(List<Reservation> underWay) {
    var all = new Extents();
    long bytes = 0;
    for (Reservation one : underWay) {
      var rest = plan.rest(one);
      if (rest.isPresent()) {
        all.add(rest.get());
        bytes += rest.get().length();
      }
    }
    assertThat(all.bytes()).isEqualTo(bytes);
  }

  private Optional<Extent> rest(Optional<Reservation> reservation) {
    return reservation.flatMap(plan::rest);
  }
}
