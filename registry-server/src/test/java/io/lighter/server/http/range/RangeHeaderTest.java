package io.lighter.server.http.range;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeHeaderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=0-0                     | 100 | 0-0
          bytes=0-1                     | 100 | 0-1
          bytes=0-                      | 100 | 0-99
          bytes=99-                     | 100 | 99-99
          bytes=-1                      | 100 | 99-99
          bytes=-100                    | 100 | 0-99
          bytes=-1000                   | 100 | 0-99
          bytes=50-1000                 | 100 | 50-99
          bytes=50-9223372036854775807  | 100 | 50-99
          bytes=50-99999999999999999999 | 100 | 50-99
          Bytes = 1-2                   | 100 | 1-2
          bytes=5-6,1-2                 | 100 | 5-6,1-2
          bytes= 5-6 , 1-2 ,,           | 100 | 5-6,1-2
          bytes=1-5,3-8,3-8             | 100 | 1-5,3-8,3-8
          bytes=1-5,200-300             | 100 | 1-5
          bytes=3000000000-             | 4000000000 | 3000000000-3999999999
          """)
  void parse_satisfiable_keepsOrderAndNumber(String header, long size, String expected) {
    assertThat(RangeHeader.parse(header, size))
        .isInstanceOfSatisfying(
            RangeHeader.Satisfiable.class,
            satisfiable -> assertThat(text(satisfiable.ranges())).isEqualTo(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=100-                     | 100
          bytes=100-200                  | 100
          bytes=500-0                    | 1000
          bytes=-0                       | 100
          bytes=0-0                      | 0
          bytes=-5                       | 0
          bytes=200-,300-400             | 100
          bytes=99999999999999999999999- | 100
          """)
  void parse_nothingToSend_isUnsatisfiable(String header, long size) {
    assertThat(RangeHeader.parse(header, size)).isInstanceOf(RangeHeader.Unsatisfiable.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "items=0-1",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=a-b",
        "bytes=1",
        "bytes=--1",
        "bytes=-",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1-2;3-4",
        "0-1",
        "bytes 0-1"
      })
  void parse_notUnderstood_isIgnored(String header) {
    assertThat(RangeHeader.parse(header, 100)).isInstanceOf(RangeHeader.Whole.class);
  }

  @Test
  void parse_manyRanges_upToTheCap() {
    assertThat(RangeHeader.parse(ranges(RangeHeader.MAX_RANGES), 1L << 40))
        .isInstanceOfSatisfying(
            RangeHeader.Satisfiable.class,
            satisfiable -> assertThat(satisfiable.ranges()).hasSize(RangeHeader.MAX_RANGES));
    assertThat(RangeHeader.parse(ranges(RangeHeader.MAX_RANGES + 1), 1L << 40))
        .isEqualTo(new RangeHeader.TooMany(RangeHeader.MAX_RANGES + 1));
  }

  /** Against the definition: every byte of the blob, one by one. */
  @Test
  void parse_randomRanges_agreeWithModel() {
    var random = new Random(20_261_121);
    for (int round = 0; round < 20_000; round++) {
      int size = random.nextInt(20);
      int first = random.nextInt(25);
      int last = random.nextInt(25);
      String spec =
          switch (random.nextInt(3)) {
            case 0 -> first + "-" + last;
            case 1 -> first + "-";
            default -> "-" + last;
          };
      List<Integer> expected = model(spec, size);
      RangeHeader parsed = RangeHeader.parse("bytes=" + spec, size);
      List<Integer> actual =
          parsed instanceof RangeHeader.Satisfiable(List<ByteRange> ranges)
              ? IntStream.rangeClosed((int) ranges.get(0).first(), (int) ranges.get(0).last())
                  .boxed()
                  .toList()
              : List.of();
      assertThat(actual).as("bytes=%s of %d", spec, size).isEqualTo(expected);
    }
  }

  private static List<Integer> model(String spec, int size) {
    int dash = spec.indexOf('-');
    var bytes = new ArrayList<Integer>();
    for (int at = 0; at < size; at++) {
      boolean in;
      if (dash == 0) {
        in = at >= size - Integer.parseInt(spec.substring(1));
      } else {
        int first = Integer.parseInt(spec.substring(0, dash));
        String end = spec.substring(dash + 1);
        in = at >= first && (end.isEmpty() || at <= Integer.parseInt(end));
      }
      if (in) {
        bytes.add(at);
      }
    }
    return bytes;
  }

  private static String ranges(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> i * 10 + "-" + (i * 10 + 4))
        .collect(Collectors.joining(",", "bytes=", ""));
  }

  private static String text(List<ByteRange> ranges) {
    return ranges.stream()
        .map(range -> range.first() + "-" + range.last())
        .collect(Collectors.joining(","));
  }
}
