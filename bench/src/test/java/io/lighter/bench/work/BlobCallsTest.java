package io.lighter.bench.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.load.Call;
import io.lighter.bench.load.Target;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobCallsTest {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private static Blob blob(long size) {
    return new Blob(
        Target.of(URI.create("http://localhost/"), List.of()), "/b", size, Optional.empty());
  }

  private static long[] positions(Call call) {
    String range = call.headers().lines().findFirst().orElseThrow();
    return NUMBER
        .matcher(range)
        .results()
        .map(MatchResult::group)
        .mapToLong(Long::parseLong)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"4Ki,1,4096", "4Ki,8,4096", "50000,8,50000", "1000,32,1", "8000,3,10"})
  void get_anyRanges_areAlignedAscendingApartAndInside(String size, int count, long alignment) {
    long length = ByteSize.parse(size).bytes();
    var calls =
        new BlobCalls(
            blob(2_000_001), new Portion.Ranges(ByteSize.parse(size), count), alignment, 5);
    for (int i = 0; i < 2000; i++) {
      Call call = calls.get();
      long[] positions = positions(call);
      assertThat(call.ranges()).isEqualTo(count);
      assertThat(positions).hasSize(2 * count);
      long free = 0;
      for (int part = 0; part < count; part++) {
        long first = positions[2 * part];
        assertThat(first % alignment).isZero();
        assertThat(first).isGreaterThanOrEqualTo(free);
        assertThat(positions[2 * part + 1] - first + 1).isEqualTo(length);
        free = positions[2 * part + 1] + 1 + 256;
      }
      assertThat(positions[2 * count - 1]).isLessThan(2_000_001);
    }
  }

  @Test
  void get_manyRanges_reachBothEndsOfTheBlob() {
    var calls = new BlobCalls(blob(10_000), new Portion.Ranges(new ByteSize(1000), 1), 1000, 5);
    long[] firsts =
        LongStream.range(0, 500).map(_ -> positions(calls.get())[0]).distinct().sorted().toArray();
    assertThat(firsts).containsExactly(0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000);
  }

  @Test
  void get_sameSeed_asksForTheSame() {
    var portion = new Portion.Ranges(new ByteSize(100), 3);
    var first = new BlobCalls(blob(100_000), portion, 1, 9);
    var second = new BlobCalls(blob(100_000), portion, 1, 9);
    var other = new BlobCalls(blob(100_000), portion, 1, 10);
    String headers = first.get().headers();
    assertThat(second.get().headers()).isEqualTo(headers);
    assertThat(other.get().headers()).isNotEqualTo(headers);
  }

  @Test
  void new_noRoom_isRefused() {
    var portion = new Portion.Ranges(new ByteSize(1000), 3);
    assertThatThrownBy(() -> new BlobCalls(blob(3500), portion, 1, 1))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("no room for 3x1000");
    assertThat(new BlobCalls(blob(3512), portion, 1, 1).get().headers())
        .startsWith("Range: bytes=0-999,1256-2255,2512-3511\r\n");
  }

  @ParameterizedTest
  @CsvSource({"50000,50000", "4Ki,4Ki", "64KiB,64Ki", "1024Ki,1Mi", "2Gi,2Gi", "4096,4Ki"})
  void parse_size_isPrintedWithItsLargestUnit(String text, String printed) {
    assertThat(ByteSize.parse(text)).hasToString(printed);
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "4k", "1.5Mi", "''", "Ki", "9999999999999"})
  void parse_otherText_isRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(BenchException.class);
  }

  @Test
  void parse_portion_knowsWholeSizesAndCounts() {
    assertThat(Portion.parse("whole", 4)).isEqualTo(new Portion.Whole());
    assertThat(Portion.parse("4Ki", 4)).hasToString("4x4Ki");
    assertThat(Portion.parse("32x4Ki", 4)).hasToString("32x4Ki");
    assertThatThrownBy(() -> Portion.parse("2000x4Ki", 1)).hasMessageContaining("1 to 1024");
    assertThatThrownBy(() -> Portion.parse("ax4Ki", 1)).hasMessageContaining("COUNTxSIZE");
  }
}
