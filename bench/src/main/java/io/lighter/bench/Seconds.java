package io.lighter.bench;

import io.lighter.bench.load.BenchException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/** Durations on the command line: {@code 500ms}, {@code 3s}, {@code 0.5s}, {@code 2m}. */
final class Seconds implements ITypeConverter<Duration> {
  private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,6}(?:\\.[0-9]{1,3})?)(ms|s|m)");

  @Override
  public Duration convert(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new BenchException(
          "the duration \"%s\" is not allowed; allowed: 500ms, 3s, 0.5s, 2m".formatted(text));
    }
    double factor =
        switch (matcher.group(2)) {
          case "ms" -> 1;
          case "s" -> 1000;
          default -> 60_000;
        };
    return Duration.ofMillis(Math.round(Double.parseDouble(matcher.group(1)) * factor));
  }
}
