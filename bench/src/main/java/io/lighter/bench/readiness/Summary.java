package io.lighter.bench.readiness;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * What the runs of an arm say together. Only those count that became ready.
 *
 * @param image the program
 * @param arm the way it came
 * @param runs how many became ready
 * @param failed how many did not
 * @param pull median, in seconds, as the next three
 * @param start median
 * @param ready median
 * @param total median of the totals, which is not the sum of the other medians
 * @param least the quickest total
 * @param most the slowest total
 * @param figures medians
 * @param comparison with the arm that it is compared with
 */
record Summary(
    String image,
    String arm,
    int runs,
    int failed,
    double pull,
    double start,
    double ready,
    double total,
    double least,
    double most,
    Map<String, Double> figures,
    Optional<Comparison> comparison) {

  /**
   * Ratios to another arm: medians over the rounds in which both became ready.
   *
   * @param against the other one
   * @param total of the totals
   * @param ready of the seconds from the start of the process
   */
  record Comparison(String against, double total, double ready) {}

  /** One for each arm that was run, in the order of the arms. */
  static List<Summary> of(List<Arm> arms, List<Run> runs) {
    var summaries = new ArrayList<Summary>();
    for (Arm arm : arms) {
      List<Run> own = runsOf(arm.image(), arm.name(), runs);
      if (!own.isEmpty()) {
        summaries.add(of(arm, own, runs));
      }
    }
    return summaries;
  }

  private static Summary of(Arm arm, List<Run> own, List<Run> all) {
    List<Run> good = own.stream().filter(run -> run.error().isEmpty()).toList();
    return new Summary(
        arm.image(),
        arm.name(),
        good.size(),
        own.size() - good.size(),
        median(good, Run::pull),
        median(good, Run::start),
        median(good, Run::ready),
        median(good, Run::total),
        good.stream().mapToDouble(Run::total).min().orElse(Double.NaN),
        good.stream().mapToDouble(Run::total).max().orElse(Double.NaN),
        figures(good),
        arm.against().flatMap(other -> compare(good, other, runsOf(arm.image(), other, all))));
  }

  private static Map<String, Double> figures(List<Run> runs) {
    var names = new TreeSet<String>();
    runs.forEach(run -> names.addAll(run.figures().keySet()));
    var medians = new TreeMap<String, Double>();
    for (String name : names) {
      medians.put(
          name,
          median(
              runs.stream().filter(run -> run.figures().containsKey(name)).toList(),
              run -> run.figures().getOrDefault(name, 0.0)));
    }
    return medians;
  }

  private static Optional<Comparison> compare(List<Run> runs, String name, List<Run> others) {
    var totals = new ArrayList<Double>();
    var readies = new ArrayList<Double>();
    for (Run run : runs) {
      others.stream()
          .filter(other -> other.round() == run.round() && other.error().isEmpty())
          .findFirst()
          .ifPresent(other -> {
            totals.add(run.total() / other.total());
            readies.add(run.ready() / other.ready());
          });
    }
    return totals.isEmpty()
        ? Optional.empty()
        : Optional.of(new Comparison(name, median(totals), median(readies)));
  }

  private static List<Run> runsOf(String image, String arm, List<Run> runs) {
    return runs.stream().filter(run -> run.image().equals(image) && run.arm().equals(arm)).toList();
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> value) {
    return median(runs.stream().map(value::applyAsDouble).toList());
  }

  /** Between two in the middle their mean; of nothing, no number. */
  private static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
