package io.lighter.server.command;

import io.lighter.server.config.TimeSpan;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration on the command line as the configuration does. */
public final class TimeSpanOption implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    try {
      return TimeSpan.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
