package io.lighter.bench.trace;

import io.lighter.bench.load.BenchException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The log of a proxy between a client and a registry: one JSON object per request, with the fields
 * {@code ms}, {@code dur_ms}, {@code conn}, {@code method}, {@code path}, {@code range}, {@code
 * status}, {@code content_range}, {@code content_length} and {@code aborted}, and lines {@code
 * {"ms":…,"note":"ready"}}. Requests that were broken off are left out.
 */
final class ProxyLog {
  private static final Pattern PATH =
      Pattern.compile("/v2/[a-z0-9._/-]+/(manifests|blobs)/([A-Za-z0-9._:+-]+)");
  private static final Pattern TOTAL = Pattern.compile("bytes \\d+-\\d+/(\\d+)");

  private ProxyLog() {}

  static Trace read(Path file, List<JsonNode> lines) {
    List<JsonNode> requests =
        lines.stream()
            .filter(line -> line.has("method") && !line.path("aborted").asBoolean(false))
            .filter(line -> PATH.matcher(line.path("path").asString("")).matches())
            .sorted(Comparator.comparingDouble(ProxyLog::time))
            .toList();
    if (requests.isEmpty()) {
      throw new BenchException(
          "%s is no trace: the first line has no \"format\", and no line is a request to a registry"
              .formatted(file));
    }
    double start = time(requests.getFirst());
    var lanes = new HashMap<Long, Integer>();
    var events = new ArrayList<TraceEvent>();
    for (JsonNode request : requests) {
      int lane = lanes.computeIfAbsent(request.path("conn").asLong(0), _ -> lanes.size());
      events.add(event(request, start, lane));
    }
    Optional<Double> ready =
        lines.stream()
            .filter(line -> line.path("note").asString("").equals("ready"))
            .map(line -> rounded(time(line) - start))
            .findFirst();
    String name = String.valueOf(file.getFileName());
    return new Trace(name.replaceFirst("\\.jsonl$", ""), ready, events);
  }

  private static TraceEvent event(JsonNode request, double start, int lane) {
    Matcher path = PATH.matcher(request.path("path").asString());
    if (!path.matches()) {
      throw new IllegalStateException("only requests to a registry come here");
    }
    boolean blob = path.group(1).equals("blobs");
    String range = request.path("range").asString("");
    return new TraceEvent(
        rounded(time(request) - start),
        request.path("dur_ms").asDouble(0),
        lane,
        request.path("method").asString(),
        blob ? Optional.empty() : Optional.of(path.group(2)),
        blob ? Optional.of(path.group(2)) : Optional.empty(),
        blob ? size(request) : Optional.empty(),
        range.startsWith("bytes=") ? Optional.of(range.substring(6)) : Optional.empty(),
        request.path("status").asInt(0));
  }

  private static Optional<Long> size(JsonNode request) {
    Matcher total = TOTAL.matcher(request.path("content_range").asString(""));
    if (total.matches()) {
      return Optional.of(Long.parseLong(total.group(1)));
    }
    return Optional.of(request.path("content_length").asString(""))
        .filter(text -> text.matches("\\d{1,18}") && request.path("status").asInt(0) == 200)
        .map(Long::parseLong);
  }

  private static double time(JsonNode line) {
    return line.path("ms").asDouble(0);
  }

  private static double rounded(double millis) {
    return Math.round(millis * 1000) / 1000.0;
  }
}
