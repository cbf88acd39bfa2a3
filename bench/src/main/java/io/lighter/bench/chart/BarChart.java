package io.lighter.bench.chart;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.report.RunFile;
import io.lighter.bench.report.TextTable;
import java.util.List;
import java.util.Optional;

/**
 * Runs side by side: a panel for each metric, in it a group of bars for each work, in it a bar for
 * each server. The scale is logarithmic, because servers differ by powers of ten.
 */
public final class BarChart {
  /** Eight colours that the colour-blind can tell apart (Okabe and Ito). */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999");

  private static final String INK = "#222222";
  private static final String GRID = "#dddddd";
  private static final double WIDTH = 960;
  private static final double LEFT = 180;
  private static final double RIGHT = 70;
  private static final double MARGIN = 24;
  private static final double BAR = 13;
  private static final double GAP = 10;
  private static final double TITLE = 34;
  private static final double AXIS = 22;
  private static final double LEGEND_COLUMN = 230;
  private static final double LEGEND_LINE = 20;

  private final ChartData data;
  private final Svg svg = new Svg();
  private double y = MARGIN;

  private BarChart(ChartData data) {
    this.data = data;
  }

  /**
   * Draws runs.
   *
   * @return an SVG file
   * @throws BenchException if there is nothing to be drawn
   */
  public static String of(List<RunFile> runs) {
    var chart = new BarChart(new ChartData(runs));
    List<Metric> metrics =
        List.of(Metric.CPU, Metric.MEDIAN, Metric.P99, Metric.RATE).stream()
            .filter(chart.data::has)
            .toList();
    if (metrics.isEmpty()) {
      throw new BenchException("the runs have no measurement without errors");
    }
    chart.legend();
    metrics.forEach(chart::panel);
    return chart.svg.document(WIDTH, chart.y);
  }

  private void legend() {
    int columns = (int) ((WIDTH - 2 * MARGIN) / LEGEND_COLUMN);
    List<String> series = data.series();
    for (int i = 0; i < series.size(); i++) {
      int row = i / columns;
      double x = MARGIN + i % columns * LEGEND_COLUMN;
      double line = y + row * LEGEND_LINE;
      svg.rectangle(x, line, 12, 12, colour(i));
      svg.words(x + 18, line + 10.5, 13, "start", INK, series.get(i));
    }
    int rows = (series.size() + columns - 1) / columns;
    y += rows * LEGEND_LINE;
  }

  private void panel(Metric metric) {
    svg.words(MARGIN, y + TITLE - 12, 15, "start", INK, metric.title());
    y += TITLE;
    Scale scale = scale(metric);
    double top = y;
    double bottom = top + height(metric);
    for (int power = scale.low(); power <= scale.high(); power++) {
      double x = scale.x(Math.pow(10, power));
      svg.line(x, top, x, bottom, GRID);
      svg.words(x, bottom + 15, 11, "middle", INK, power(power));
    }
    for (String group : data.groups()) {
      group(metric, group, scale);
    }
    y = bottom + AXIS;
  }

  private void group(Metric metric, String group, Scale scale) {
    double first = y + GAP / 2;
    double at = first;
    for (int i = 0; i < data.series().size(); i++) {
      Optional<Double> value = data.value(metric, group, data.series().get(i));
      if (value.isPresent()) {
        double end = scale.x(value.get());
        svg.rectangle(LEFT, at, Math.max(1, end - LEFT), BAR - 2, colour(i));
        svg.words(end + 4, at + BAR - 3.5, 10, "start", INK, TextTable.number(value.get()));
        at += BAR;
      }
    }
    if (at > first) {
      svg.words(LEFT - 8, (first + at) / 2 + 4, 12, "end", INK, group);
      y = at + GAP / 2;
    }
  }

  private double height(Metric metric) {
    double height = 0;
    for (String group : data.groups()) {
      long bars =
          data.series().stream().filter(who -> data.value(metric, group, who).isPresent()).count();
      height += bars == 0 ? 0 : bars * BAR + GAP;
    }
    return height;
  }

  private Scale scale(Metric metric) {
    double least = Double.MAX_VALUE;
    double greatest = 0;
    for (String group : data.groups()) {
      for (String who : data.series()) {
        Optional<Double> value = data.value(metric, group, who);
        least = Math.min(least, value.orElse(least));
        greatest = Math.max(greatest, value.orElse(greatest));
      }
    }
    int low = (int) Math.ceil(Math.log10(least)) - 1; // The shortest bar is seen, too.
    return new Scale(low, Math.max(low + 1, (int) Math.ceil(Math.log10(greatest))));
  }

  private static String power(int power) {
    return power >= 0 ? "%,d".formatted(Math.round(Math.pow(10, power))) : "1e" + power;
  }

  private static String colour(int series) {
    return COLOURS.get(series % COLOURS.size());
  }

  /** From a power of ten at the left to one at the right. */
  private record Scale(int low, int high) {
    double x(double value) {
      double share = (Math.log10(value) - low) / (high - low);
      return LEFT + share * (WIDTH - LEFT - RIGHT);
    }
  }
}
