package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DiskFloorTest {
  private static final long MIB = 1 << 20;

  private final AtomicLong free = new AtomicLong(100 * MIB);
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();
  private final DiskFloor.Disk disk =
      new DiskFloor.Disk() {
        @Override
        public long free() {
          looks.incrementAndGet();
          return free.get();
        }

        @Override
        public long total() {
          return 1000 * MIB;
        }
      };

  @Test
  void require_downToTheFloor_refusesWhatGoesBelow() {
    DiskFloor floor = floor(10 * MIB, 0);

    floor.require(90 * MIB);
    free.addAndGet(-90 * MIB);

    assertThatThrownBy(() -> floor.require(1))
        .isInstanceOf(StorageException.BelowFloor.class)
        .hasMessageContaining("storage.minFree");
    assertThat(floor.refusals()).isOne();
  }

  @Test
  void require_percentOfTheDisk_isTheFloorIfItIsLarger() {
    DiskFloor floor = floor(1, 9);

    assertThat(floor.room()).isEqualTo(10 * MIB);
    assertThatThrownBy(() -> floor.require(11 * MIB))
        .isInstanceOf(StorageException.BelowFloor.class);
  }

  @Test
  void require_betweenTwoLooks_countsWhatWasWrittenAndAsksOnce() {
    DiskFloor floor = floor(10 * MIB, 0);

    for (int i = 0; i < 80; i++) {
      floor.require(MIB);
    }

    assertThat(looks).hasValue(1);
    assertThat(floor.room()).isEqualTo(10 * MIB);
  }

  @Test
  void require_othersFillTheDisk_isSeenAtTheNextLook() {
    DiskFloor floor = floor(10 * MIB, 0);
    floor.require(1);
    free.set(10 * MIB);

    now.addAndGet(Duration.ofSeconds(1).toNanos());

    assertThatThrownBy(() -> floor.require(1)).isInstanceOf(StorageException.BelowFloor.class);
  }

  @Test
  void require_roomCanBeMade_isAskedForFirst() {
    DiskFloor floor = floor(10 * MIB, 0);
    floor.makeRoomBy(wanted -> free.addAndGet(wanted));

    floor.require(150 * MIB);

    assertThat(floor.refusals()).isZero();
  }

  @Test
  void claim_twoThatDoNotFitTogether_secondIsRefusedUntilTheFirstLetsGo() {
    DiskFloor floor = floor(10 * MIB, 0);
    var claim = floor.claim(50 * MIB);
    claim.written(20 * MIB);
    free.addAndGet(-20 * MIB);

    assertThatThrownBy(() -> floor.claim(50 * MIB)).isInstanceOf(StorageException.BelowFloor.class);
    assertThatThrownBy(() -> floor.expect(50 * MIB))
        .isInstanceOf(StorageException.BelowFloor.class);

    claim.close();
    claim.close();
    floor.claim(50 * MIB);
    assertThat(floor.room()).isEqualTo(20 * MIB);
  }

  @Test
  void expect_takesNothing() {
    DiskFloor floor = floor(10 * MIB, 0);

    floor.expect(60 * MIB);

    floor.require(60 * MIB);
  }

  @Test
  void none_fullDisk_refusesNothing() {
    free.set(0);
    DiskFloor floor = floor(0, 0);

    floor.require(MIB);
    floor.expect(MIB);
    floor.claim(MIB).close();
    assertThat(looks).hasValue(0);
  }

  private DiskFloor floor(long bytes, int percent) {
    return new DiskFloor(disk, bytes, percent, now::get);
  }
}
