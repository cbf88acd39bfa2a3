package io.lighter.bench.report;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The result of a run as a file.
 *
 * @param format always {@link #FORMAT}
 * @param mode the command
 * @param label how the run is called in charts
 * @param started when it began, in UTC
 * @param machine what it ran on
 * @param settings what was asked for, as on the command line
 * @param measurements in the order in which they are printed
 */
public record RunFile(
    String format,
    String mode,
    String label,
    Instant started,
    Map<String, String> machine,
    Map<String, String> settings,
    List<Measurement> measurements) {

  /** Name and version of the format. */
  public static final String FORMAT = "lighter-bench 1";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  public RunFile {
    measurements = List.copyOf(measurements);
  }

  /** The result of a run of this program. */
  public static RunFile of(
      String mode,
      String label,
      Instant started,
      Map<String, String> settings,
      List<Measurement> measurements) {
    return new RunFile(FORMAT, mode, label, started, Machine.properties(), settings, measurements);
  }

  /**
   * Writes the file.
   *
   * @throws BenchException if it cannot be written
   */
  public void write(Path file) {
    try {
      Files.write(file, JSON.writeValueAsBytes(this));
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws BenchException if it cannot be read or is none of this format
   */
  public static RunFile read(Path file) {
    RunFile run;
    try {
      run = JSON.readValue(Files.readAllBytes(file), RunFile.class);
    } catch (IOException | JacksonException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    if (!FORMAT.equals(run.format())) {
      throw new BenchException(
          "%s is of format \"%s\"; allowed: \"%s\"".formatted(file, run.format(), FORMAT));
    }
    return run;
  }
}
