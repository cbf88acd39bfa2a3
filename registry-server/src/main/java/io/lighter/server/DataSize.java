package io.lighter.server;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * @param bytes the amount, not negative
 */
public record DataSize(long bytes) {
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
      throw new IllegalArgumentException(
          "not a size: \"%s\"; allowed: a whole number with B, KiB, MiB, GiB or TiB, such as 64MiB"
              .formatted(text));
    }
    int shift =
        switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
          case "kib" -> 10;
          case "mib" -> 20;
          case "gib" -> 30;
          case "tib" -> 40;
          default -> 0;
        };
    return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift));
  }

  @Override
  public String toString() {
    return bytes % (1 << 20) == 0 ? (bytes >> 20) + " MiB" : bytes + " B";
  }
}
