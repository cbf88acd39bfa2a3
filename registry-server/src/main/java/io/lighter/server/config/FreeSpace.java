package io.lighter.server.config;

import java.util.regex.Pattern;

/**
 * Room on a disk that is to stay free: an amount, or a percentage of the disk.
 *
 * @param bytes the amount; 0 if it is a percentage
 * @param percent the percentage; 0 if it is an amount
 */
public record FreeSpace(long bytes, int percent) {
  static final String ALLOWED =
      "a percentage of the disk up to 90%, such as 5%, or a whole number with B, KiB, MiB, GiB or TiB, such as 5GiB";

  private static final Pattern PERCENTAGE = Pattern.compile("([0-9]{1,2})\\s*%");
  private static final int MOST_PERCENT = 90;

  /**
   * Parses an amount or a percentage.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static FreeSpace parse(String text) {
    var matcher = PERCENTAGE.matcher(text.strip());
    if (matcher.matches() && Integer.parseInt(matcher.group(1)) <= MOST_PERCENT) {
      return new FreeSpace(0, Integer.parseInt(matcher.group(1)));
    }
    try {
      return new FreeSpace(DataSize.parse(text).bytes(), 0);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: %s".formatted(text, ALLOWED), e);
    }
  }

  @Override
  public String toString() {
    return percent > 0 ? percent + " %" : new DataSize(bytes).toString();
  }
}
