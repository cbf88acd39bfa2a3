package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as {@code ctr} prints them, with four digits: {@code 54.21MB}, {@code 3 KiB}. */
final class HumanSize {
  private static final Pattern SIZE = Pattern.compile("([0-9.]+) ?([kKMGT]?)(i?)B");
  private static final String PREFIXES = "KMGT";

  private HumanSize() {}

  /**
   * The number of bytes, as exact as it was printed.
   *
   * @throws BenchException if it is no size
   */
  static long bytes(String text) {
    Matcher match = SIZE.matcher(text);
    if (!match.matches()) {
      throw new BenchException("\"%s\" is no size; allowed: 54.21MB, 3KiB".formatted(text));
    }
    String prefix = match.group(2).toUpperCase(Locale.ROOT);
    int power = prefix.isEmpty() ? 0 : PREFIXES.indexOf(prefix) + 1;
    long unit = match.group(3).isEmpty() ? 1000 : 1024;
    return new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(unit).pow(power)).longValue();
  }
}
