package io.lighter.bench.readiness;

import io.lighter.bench.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Summaries for people. */
final class ReadinessTable {
  private ReadinessTable() {}

  /** One line for each arm; a column for each figure that some arm has. */
  static String of(List<Summary> summaries) {
    var figures = new TreeSet<String>();
    summaries.forEach(summary -> figures.addAll(summary.figures().keySet()));
    var heading =
        new ArrayList<>(
            List.of("image", "arm", "pull s", "start s", "ready s", "total s", "range", "runs"));
    heading.addAll(figures);
    heading.addAll(List.of("x total", "x ready", "of"));
    var table = new TextTable(2, heading.toArray(String[]::new));
    for (Summary summary : summaries) {
      table.add(row(summary, figures));
    }
    return table.toString();
  }

  private static List<String> row(Summary summary, Set<String> figures) {
    var row = new ArrayList<String>();
    row.add(summary.image());
    row.add(summary.arm());
    row.add(seconds(summary.pull()));
    row.add(seconds(summary.start()));
    row.add(seconds(summary.ready()));
    row.add(seconds(summary.total()));
    row.add(
        summary.runs() == 0
            ? "-"
            : "%s-%s".formatted(seconds(summary.least()), seconds(summary.most())));
    row.add(
        summary.failed() == 0
            ? Integer.toString(summary.runs())
            : "%d, %d failed".formatted(summary.runs(), summary.failed()));
    for (String figure : figures) {
      Double value = summary.figures().get(figure);
      row.add(value == null ? "-" : TextTable.number(value));
    }
    row.add(summary.comparison().map(one -> TextTable.number(one.total())).orElse("-"));
    row.add(summary.comparison().map(one -> TextTable.number(one.ready())).orElse("-"));
    row.add(summary.comparison().map(Summary.Comparison::against).orElse("-"));
    return row;
  }

  private static String seconds(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }
}
