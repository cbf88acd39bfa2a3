package io.lighter.bench.trace;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The requests of one cold start, in the order in which they began.
 *
 * @param source what was recorded
 * @param ready milliseconds from the first request to when the container was ready, if known
 */
public record Trace(String source, Optional<Double> ready, List<TraceEvent> events) {

  /** Name and version of the format. */
  public static final String FORMAT = "lighter-trace 1";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
          .build();

  private record Head(String format, String source, Optional<Double> ready) {}

  public Trace {
    events = List.copyOf(events);
  }

  /** Those that began before the container was ready; all, if it is not known when that was. */
  public Trace untilReady() {
    double end = ready.orElse(Double.MAX_VALUE);
    return new Trace(source, ready, events.stream().filter(one -> one.at() <= end).toList());
  }

  /**
   * Reads a trace, or the log of a recording proxy.
   *
   * @throws BenchException if it is neither; the message says in which line
   */
  public static Trace read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    var nodes = new ArrayList<JsonNode>();
    for (String line : lines) {
      try {
        nodes.add(JSON.readTree(line));
      } catch (JacksonException e) {
        throw wrong(file, nodes.size() + 1, e);
      }
    }
    if (nodes.isEmpty()) {
      throw new BenchException(file + " is empty");
    }
    boolean own = nodes.getFirst().has("format");
    return own ? own(file, nodes) : ProxyLog.read(file, nodes);
  }

  private static Trace own(Path file, List<JsonNode> lines) {
    int line = 1;
    try {
      Head head = JSON.treeToValue(lines.getFirst(), Head.class);
      if (!FORMAT.equals(head.format())) {
        throw new BenchException(
            "%s is of format \"%s\"; allowed: \"%s\"".formatted(file, head.format(), FORMAT));
      }
      var events = new ArrayList<TraceEvent>();
      for (JsonNode one : lines.subList(1, lines.size())) {
        line++;
        events.add(JSON.treeToValue(one, TraceEvent.class));
      }
      return new Trace(head.source(), head.ready(), events);
    } catch (JacksonException e) {
      throw wrong(file, line, e);
    }
  }

  private static BenchException wrong(Path file, int line, JacksonException e) {
    return new BenchException("%s, line %d: %s".formatted(file, line, e.getOriginalMessage()), e);
  }

  /**
   * Writes the trace.
   *
   * @throws BenchException if the file cannot be written
   */
  public void write(Path file) {
    var lines = new ArrayList<String>();
    lines.add(JSON.writeValueAsString(new Head(FORMAT, source, ready)));
    events.forEach(event -> lines.add(JSON.writeValueAsString(event)));
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }
}
