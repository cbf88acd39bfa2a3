package io.lighter.bench.compare;

import io.lighter.bench.load.Limit;
import io.lighter.bench.load.LoadGenerator;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.work.Bench;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Measures all cells in rounds, each round in another order, so that what else the machine does
 * falls on all of them alike.
 *
 * @param generator sends the requests
 * @param material what is asked for
 * @param cells what is measured
 * @param warmUp before each measurement
 * @param limit of each measurement, but of uploads, of which there is one at a time
 * @param interrupted whether to come to an end
 */
public record Comparison(
    LoadGenerator generator,
    Material material,
    List<Cell> cells,
    Duration warmUp,
    Limit limit,
    BooleanSupplier interrupted) {

  public Comparison {
    cells = List.copyOf(cells);
  }

  /**
   * Asks for each cell once, and leaves out those that a peer answers with another status than the
   * right one: servers need not know several ranges, or as many.
   *
   * @param required the server that has to do everything, whose cells stay
   * @param left hears of what is left out, and why
   */
  public Comparison supported(String required, Consumer<String> left) {
    var supported = new ArrayList<Cell>();
    for (Cell cell : cells) {
      var once = bench(cell, Duration.ZERO, new Limit(Duration.ofMinutes(1), 1));
      Bench.Result result = run(once, cell, 0);
      if (result.measurement().clean() || cell.peer().name().equals(required)) {
        supported.add(cell);
      } else {
        left.accept(
            "%s does not do %s: %s"
                .formatted(
                    cell.peer().name(),
                    cell.work(),
                    result.tally().examples().getFirst().detail()));
      }
    }
    return new Comparison(generator, material, supported, warmUp, limit, interrupted);
  }

  /**
   * Measures.
   *
   * @param rounds how many are kept; one more, the first, warms up and is thrown away
   * @param primed the server that is warmed up longer in that round, because it compiles itself
   * @param prime how long, for each cell
   * @param seed of orders and places
   * @param progress hears of each round that begins
   * @return the results of the rounds by cell
   */
  public Map<Cell, List<Bench.Result>> run(
      int rounds, String primed, Duration prime, long seed, Consumer<String> progress) {
    var results = new LinkedHashMap<Cell, List<Bench.Result>>();
    cells.forEach(cell -> results.put(cell, new ArrayList<>()));
    var random = new Random(seed);
    for (int round = 0; round <= rounds; round++) {
      progress.accept("round %d of %d".formatted(round, rounds));
      var order = new ArrayList<>(cells);
      Collections.shuffle(order, random);
      for (Cell cell : order) {
        if (interrupted.getAsBoolean()) {
          return results;
        }
        Duration before = round == 0 && cell.peer().name().equals(primed) ? prime : warmUp;
        Bench.Result result = run(bench(cell, before, limit(cell)), cell, random.nextLong());
        // What goes wrong counts in any round, unless Ctrl-C ended the servers too.
        boolean counts = round > 0 || !result.tally().failures().isEmpty();
        if (counts && !interrupted.getAsBoolean()) {
          results.getOrDefault(cell, new ArrayList<>()).add(result);
        }
      }
    }
    return results;
  }

  private Limit limit(Cell cell) {
    return cell.work() instanceof Work.Upload ? new Limit(Duration.ofMinutes(1), 1) : limit;
  }

  private Bench bench(Cell cell, Duration before, Limit limit) {
    boolean upload = cell.work() instanceof Work.Upload;
    return new Bench(
        generator, cell.peer().pids(), upload ? Duration.ZERO : before, limit, interrupted);
  }

  private Bench.Result run(Bench bench, Cell cell, long seed) {
    return bench.run(
        cell.peer().name(),
        cell.work().toString(),
        cell.peer().target(),
        cell.connections(),
        material.calls(cell, seed));
  }

  /** All measurements of a comparison. */
  public static List<Measurement> measurements(Map<Cell, List<Bench.Result>> results) {
    return results.values().stream().flatMap(List::stream).map(Bench.Result::measurement).toList();
  }
}
