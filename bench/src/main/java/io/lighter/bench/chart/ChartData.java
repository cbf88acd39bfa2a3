package io.lighter.bench.chart;

import io.lighter.bench.report.Measurement;
import io.lighter.bench.report.Quantile;
import io.lighter.bench.report.RunFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Measurements by what was asked for and by who answered; rounds of the same are put together. */
final class ChartData {
  private record Key(String group, String series) {}

  private final Map<Key, List<Measurement>> rounds = new LinkedHashMap<>();
  private final Set<String> groups = new LinkedHashSet<>();
  private final Set<String> series = new LinkedHashSet<>();

  ChartData(List<RunFile> runs) {
    for (RunFile run : runs) {
      for (Measurement one : run.measurements()) {
        boolean named = one.server().equals(run.label());
        String who = runs.size() == 1 || named ? one.server() : run.label() + ": " + one.server();
        String what = "%s, %d conn.".formatted(one.work(), one.connections());
        groups.add(what);
        series.add(who);
        rounds.computeIfAbsent(new Key(what, who), _ -> new ArrayList<>()).add(one);
      }
    }
  }

  /** What was asked for, in the order of the runs. */
  List<String> groups() {
    return List.copyOf(groups);
  }

  /** Who answered, in the order of the runs. */
  List<String> series() {
    return List.copyOf(series);
  }

  /** Median of the rounds without errors. */
  Optional<Double> value(Metric metric, String group, String who) {
    List<Measurement> clean =
        rounds.getOrDefault(new Key(group, who), List.of()).stream()
            .filter(Measurement::clean)
            .toList();
    return Quantile.of(clean, metric.value(), 0.5).filter(value -> value > 0);
  }

  /** Whether somebody has a value. */
  boolean has(Metric metric) {
    return groups.stream()
        .anyMatch(group -> series.stream().anyMatch(who -> value(metric, group, who).isPresent()));
  }
}
