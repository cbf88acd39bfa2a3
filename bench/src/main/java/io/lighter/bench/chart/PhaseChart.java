package io.lighter.bench.chart;

import java.util.List;
import java.util.Locale;

/**
 * What took how long, and of what that time was made: a bar for each way, cut into phases one after
 * the other; ways to the same end stand together. The scale of each group is its own, from 0.
 */
public final class PhaseChart {
  private static final List<String> COLOURS = List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7");
  private static final String INK = "#222222";
  private static final String GRID = "#dddddd";
  private static final double WIDTH = 960;
  private static final double LEFT = 330;
  private static final double RIGHT = 60;
  private static final double MARGIN = 24;
  private static final double BAR = 20;
  private static final double TITLE = 34;
  private static final double AXIS = 28;
  private static final int MARKS = 5;

  private final List<String> phases;
  private final Svg svg = new Svg();
  private double y = MARGIN;

  /**
   * Ways to the same end.
   *
   * @param title of the group, with the unit
   */
  public record Group(String title, List<Bar> bars) {}

  /**
   * One way.
   *
   * @param lengths one for each phase
   */
  public record Bar(String name, List<Double> lengths) {
    double total() {
      return lengths.stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  private PhaseChart(List<String> phases) {
    this.phases = phases;
  }

  /**
   * Draws groups of bars.
   *
   * @param phases at most four names
   * @return an SVG file
   */
  public static String of(List<String> phases, List<Group> groups) {
    var chart = new PhaseChart(phases);
    chart.legend();
    groups.forEach(chart::group);
    return chart.svg.document(WIDTH, chart.y + MARGIN / 2);
  }

  private void legend() {
    for (int i = 0; i < phases.size(); i++) {
      double x = LEFT + i * (WIDTH - LEFT - RIGHT) / phases.size();
      svg.rectangle(x, y, 12, 12, COLOURS.get(i));
      svg.words(x + 18, y + 10.5, 13, "start", INK, phases.get(i));
    }
    y += BAR;
  }

  private void group(Group group) {
    svg.words(MARGIN, y + TITLE - 12, 15, "start", INK, group.title());
    y += TITLE;
    double step = step(group.bars().stream().mapToDouble(Bar::total).max().orElse(0));
    double bottom = y + group.bars().size() * BAR;
    for (int mark = 0; mark <= MARKS; mark++) {
      double x = LEFT + mark * (WIDTH - LEFT - RIGHT) / MARKS;
      svg.line(x, y, x, bottom, GRID);
      svg.words(x, bottom + 14, 11, "middle", INK, plain(mark * step));
    }
    for (Bar bar : group.bars()) {
      bar(bar, (WIDTH - LEFT - RIGHT) / (MARKS * step));
    }
    y = bottom + AXIS;
  }

  private void bar(Bar bar, double scale) {
    double x = LEFT;
    for (int i = 0; i < phases.size(); i++) {
      double width = bar.lengths().get(i) * scale;
      svg.rectangle(x, y + 2, width, BAR - 4, COLOURS.get(i));
      x += width;
    }
    svg.words(LEFT - 8, y + BAR - 6, 12, "end", INK, bar.name());
    svg.words(
        x + 4, y + BAR - 6, 11, "start", INK, String.format(Locale.ROOT, "%.2f", bar.total()));
    y += BAR;
  }

  /** The least of 1, 2 and 5 times a power of ten with which all marks reach the greatest value. */
  private static double step(double greatest) {
    double needed = Math.max(greatest, 1e-3) / MARKS;
    double power = Math.pow(10, Math.floor(Math.log10(needed)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= needed) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String plain(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3f", value).replaceAll("0+$", "");
  }
}
