package io.lighter.bench.readiness;

import io.lighter.bench.chart.PhaseChart;
import java.util.List;

/** Summaries as a picture: for each image its arms, one bar each. */
final class ReadinessChart {
  private ReadinessChart() {}

  /** An SVG file; arms of which no run became ready are left out. */
  static String of(List<Summary> summaries) {
    List<Summary> good = summaries.stream().filter(summary -> summary.runs() > 0).toList();
    return PhaseChart.of(
        List.of("pull", "start", "ready"),
        good.stream()
            .map(Summary::image)
            .distinct()
            .map(image -> new PhaseChart.Group(image + ", seconds (medians)", bars(image, good)))
            .toList());
  }

  private static List<PhaseChart.Bar> bars(String image, List<Summary> summaries) {
    return summaries.stream()
        .filter(summary -> summary.image().equals(image))
        .map(one -> new PhaseChart.Bar(one.arm(), List.of(one.pull(), one.start(), one.ready())))
        .toList();
  }
}
