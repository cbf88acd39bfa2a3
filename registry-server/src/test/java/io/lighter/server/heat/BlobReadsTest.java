package io.lighter.server.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.heat.BlobReads.Origin;
import java.time.Clock;
import java.util.Arrays;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobReadsTest {
  private static final Digest BLOB = Digest.ofSha256(new byte[] {1});

  private final BlobReads reads = new BlobReads(Clock.systemUTC());

  @Test
  void of_nothingAsked_empty() {
    assertThat(reads.of(BLOB)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // size, first, length, first stretch touched, last one, stretches
    "256000, 0, 1, 0, 0, 256",
    "256000, 999, 1, 0, 0, 256",
    "256000, 999, 2, 0, 1, 256",
    "256000, 1000, 1000, 1, 1, 256",
    "256000, 255999, 1, 255, 255, 256",
    "256000, 0, 256000, 0, 255, 256",
    "257, 256, 1, 128, 128, 129",
    "1, 0, 1, 0, 0, 1",
    "100, 99, 1, 99, 99, 100",
  })
  void range_touchesItsStretchesAndNoOther(
      long size, long first, long length, int from, int to, int stretches) {
    reads.range(BLOB, size, first, length);
    BlobHeat.Snapshot seen = reads.of(BLOB).orElseThrow();
    var expected = new long[stretches];
    Arrays.fill(expected, from, to + 1, 1);
    assertThat(seen.counts()).isEqualTo(expected);
    assertThat(seen.ranges()).isEqualTo(1);
    assertThat(seen.bytes()).isEqualTo(length);
  }

  @Test
  void hottest_ofAPlace_mostOfItsStretches() {
    reads.range(BLOB, 256_000, 5000, 1);
    reads.range(BLOB, 256_000, 5000, 1000);
    BlobHeat.Snapshot seen = reads.of(BLOB).orElseThrow();
    assertThat(seen.hottest(0, 5000)).isZero();
    assertThat(seen.hottest(0, 5001)).isEqualTo(2);
    assertThat(seen.hottest(5999, 6000)).isEqualTo(2);
    assertThat(seen.hottest(6000, 256_000)).isZero();
    assertThat(seen.hottest(5500, 5500)).as("a file without bytes of its own").isEqualTo(2);
  }

  @Test
  void range_fromManyThreads_noneIsLost() {
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        threads.execute(() -> {
          for (int n = 0; n < 50_000; n++) {
            reads.range(BLOB, 1_000_000, 10, 10);
          }
        });
      }
    }
    BlobHeat.Snapshot seen = reads.of(BLOB).orElseThrow();
    assertThat(seen.counts()[0]).isEqualTo(200_000);
    assertThat(seen.ranges()).isEqualTo(200_000);
    assertThat(seen.bytes()).isEqualTo(2_000_000);
  }

  @Test
  void sent_byOrigin_andOfUpstreams() {
    reads.sent(Origin.MEMORY, 5, true);
    reads.sent(Origin.DISK, 7, false);
    reads.sent(Origin.UPSTREAM, 11, true);
    assertThat(reads.bytes(Origin.MEMORY)).isEqualTo(5);
    assertThat(reads.bytes(Origin.DISK)).isEqualTo(7);
    assertThat(reads.bytes(Origin.UPSTREAM)).isEqualTo(11);
    assertThat(reads.mirroredBytes()).isEqualTo(16);
  }
}
