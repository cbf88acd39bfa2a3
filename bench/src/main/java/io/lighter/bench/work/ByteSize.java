package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 50000}, {@code 4Ki}, {@code 64KiB}, {@code 1Mi},
 * {@code 2Gi}.
 *
 * @param bytes at least 1
 */
public record ByteSize(long bytes) {
  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,12})(?:(Ki|Mi|Gi)B?)?");
  private static final long KIBI = 1L << 10;
  private static final long MEBI = 1L << 20;
  private static final long GIBI = 1L << 30;

  public ByteSize {
    if (bytes < 1) {
      throw new BenchException("a size of %d bytes is not allowed; at least 1 is".formatted(bytes));
    }
  }

  /**
   * Understands a size.
   *
   * @throws BenchException if it is none
   */
  public static ByteSize parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new BenchException(
          "the size \"%s\" is not allowed; allowed: bytes, or a number with Ki, Mi or Gi"
              .formatted(text));
    }
    String unit = matcher.group(2) == null ? "" : matcher.group(2);
    long factor =
        switch (unit) {
          case "Ki" -> KIBI;
          case "Mi" -> MEBI;
          case "Gi" -> GIBI;
          default -> 1;
        };
    return new ByteSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
  }

  /** With the largest unit that leaves a whole number. */
  @Override
  public String toString() {
    if (bytes % GIBI == 0) {
      return bytes / GIBI + "Gi";
    }
    if (bytes % MEBI == 0) {
      return bytes / MEBI + "Mi";
    }
    return bytes % KIBI == 0 ? bytes / KIBI + "Ki" : Long.toString(bytes);
  }
}
