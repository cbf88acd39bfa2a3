package io.lighter.server.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * @param bytes the amount, not negative
 */
public record DataSize(long bytes) {
  static final String ALLOWED = "a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB";

  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

  private static final Pattern GRAMMAR =
      Pattern.compile("([0-9]{1,15})\\s*(B|KiB|MiB|GiB|TiB|)", Pattern.CASE_INSENSITIVE);

  /**
   * Parses a whole number with a binary unit.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static DataSize parse(String text) {
    var matcher = GRAMMAR.matcher(text.strip());
    if (!matcher.matches()) {
      throw notAllowed(text, ALLOWED);
    }
    int shift =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "kib" -> 10;
          case "mib" -> 20;
          case "gib" -> 30;
          case "tib" -> 40;
          default -> 0;
        };
    long amount = Long.parseLong(matcher.group(1));
    if (amount > Long.MAX_VALUE >> shift) {
      throw notAllowed(text, "less than %d TiB".formatted((Long.MAX_VALUE >> 40) + 1));
    }
    return new DataSize(amount << shift);
  }

  /** The amount as people read it, such as 28.2 MiB. */
  public String rounded() {
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < UNITS.size() - 1) {
      amount /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, "%.1f %s", amount, UNITS.get(unit));
  }

  private static IllegalArgumentException notAllowed(String text, String allowed) {
    return new IllegalArgumentException(
        "\"%s\" is not allowed; allowed: %s".formatted(text, allowed));
  }

  @Override
  public String toString() {
    return bytes > 0 && bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : bytes + " B";
  }
}
