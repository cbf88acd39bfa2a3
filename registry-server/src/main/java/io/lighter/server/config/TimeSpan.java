package io.lighter.server.config;

import java.time.Duration;
import java.util.regex.Pattern;

/** How durations are written, in configurations and on the command line. */
public final class TimeSpan {
  static final String ALLOWED = "0, or a whole number with ms, s, m, h or d, such as 30s";

  private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h|d)");

  private TimeSpan() {}

  /**
   * Parses a duration.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static Duration parse(String text) {
    if (text.strip().equals("0")) {
      return Duration.ZERO;
    }
    var matcher = GRAMMAR.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: %s".formatted(text, ALLOWED));
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** A duration as {@link #parse} reads it, to the millisecond. */
  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0";
    }
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
