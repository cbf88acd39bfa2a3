package io.lighter.bench.readiness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is asked by HTTP: whether a program answers, and what servers count. Blocks. */
final class MetricsClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  /** The body of a 200; empty for any other answer, and for none. */
  Optional<String> body(URI url) {
    try {
      var request = HttpRequest.newBuilder(url).timeout(TIMEOUT).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The sums of counters; those that cannot be read are left out. */
  Map<Counter, Double> read(List<Counter> counters) {
    var bodies = new TreeMap<URI, Optional<String>>();
    var sums = new LinkedHashMap<Counter, Double>();
    for (Counter counter : counters) {
      bodies
          .computeIfAbsent(counter.url(), this::body)
          .ifPresent(text -> sums.put(counter, sum(text, counter.metric())));
    }
    return sums;
  }

  /** The sum over all lines with this in them, in the text format of Prometheus. */
  static double sum(String text, String metric) {
    var values = new ArrayList<Double>();
    text.lines()
        .filter(line -> !line.startsWith("#") && line.contains(metric))
        .forEach(line -> values.add(Double.parseDouble(value(line))));
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** What comes after name and labels; a time may come after it. */
  private static String value(String line) {
    int labels = line.lastIndexOf('}');
    String rest = labels < 0 ? line.substring(line.indexOf(' ')) : line.substring(labels + 1);
    return rest.strip().split(" ", 2)[0];
  }
}
