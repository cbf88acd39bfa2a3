package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.report.Machine;
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
 * The result as a file.
 *
 * @param format always {@link #FORMAT}
 * @param started when the last of the runs began, in UTC
 * @param machine what this program ran on
 * @param runs all of them
 * @param summaries of the runs, one for each arm
 */
record ReadinessFile(
    String format,
    Instant started,
    Map<String, String> machine,
    List<Run> runs,
    List<Summary> summaries) {

  /** Name and version of the format. */
  static final String FORMAT = "lighter-readiness 1";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  ReadinessFile {
    runs = List.copyOf(runs);
    summaries = List.copyOf(summaries);
  }

  /** The result of a run of this program. */
  static ReadinessFile of(Instant started, List<Run> runs, List<Summary> summaries) {
    return new ReadinessFile(FORMAT, started, Machine.properties(), runs, summaries);
  }

  /**
   * Writes the file.
   *
   * @throws BenchException if it cannot be written
   */
  void write(Path file) {
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
  static ReadinessFile read(Path file) {
    ReadinessFile read;
    try {
      read = JSON.readValue(Files.readAllBytes(file), ReadinessFile.class);
    } catch (IOException | JacksonException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    if (!FORMAT.equals(read.format())) {
      throw new BenchException(
          "%s is of format \"%s\"; allowed: \"%s\"".formatted(file, read.format(), FORMAT));
    }
    return read;
  }
}
