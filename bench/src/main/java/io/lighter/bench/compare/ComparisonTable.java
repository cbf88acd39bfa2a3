package io.lighter.bench.compare;

import io.lighter.bench.report.Measurement;
import io.lighter.bench.report.Quantile;
import io.lighter.bench.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A comparison for people: medians of the rounds of each server, then one line per work with
 * Lighter's processor time beside that of each peer. Of the settings of one peer (names that begin
 * with the same word) the one with the least processor time counts.
 */
public final class ComparisonTable {
  private static final String LIGHTER = "lighter";
  private static final double GIB = 1L << 30;

  private record Key(String work, int connections) {}

  private final Map<Key, Map<String, List<Measurement>>> lines = new LinkedHashMap<>();

  /** A table of all rounds. Rounds with errors are left out. */
  public ComparisonTable(List<Measurement> measurements) {
    for (Measurement one : measurements) {
      if (one.clean()) {
        lines
            .computeIfAbsent(new Key(one.work(), one.connections()), _ -> new LinkedHashMap<>())
            .computeIfAbsent(one.server(), _ -> new ArrayList<>())
            .add(one);
      }
    }
  }

  /** Medians by work, connections and server, with the extremes of the processor time. */
  public String medians() {
    var table =
        new TextTable(
            2,
            "work",
            "server",
            "conns",
            "rounds",
            "req/s",
            "MiB/s",
            "p50 us",
            "p99 us",
            "CPU us/req",
            "min",
            "max",
            "CPU us/range",
            "CPU s/GiB");
    lines.forEach((key, servers) ->
        servers.forEach((server, rounds) ->
            table.add(
                List.of(
                    key.work(),
                    server,
                    Integer.toString(key.connections()),
                    Integer.toString(rounds.size()),
                    TextTable.number(median(rounds, Measurement::rate)),
                    TextTable.number(median(rounds, Measurement::throughput)),
                    TextTable.number(median(rounds, one -> one.latency().p50())),
                    TextTable.number(median(rounds, one -> one.latency().p99())),
                    cpu(rounds, Measurement::serverCpuPerRequest, 0.5),
                    cpu(rounds, Measurement::serverCpuPerRequest, 0),
                    cpu(rounds, Measurement::serverCpuPerRequest, 1),
                    cpu(rounds, Measurement::serverCpuPerRange, 0.5),
                    cpu(rounds, ComparisonTable::perGib, 0.5)))));
    return table.toString();
  }

  /**
   * Processor time per request of Lighter over that of nginx (less is better), and that of the
   * registries over Lighter's (more is better).
   */
  public String ratios() {
    var table =
        new TextTable(
            1,
            "work",
            "conns",
            "lighter us",
            "lighter / nginx",
            "zot / lighter",
            "distribution / lighter",
            "p99 lighter / nginx",
            "MiB/s lighter / distribution");
    lines.forEach((key, servers) -> {
      Optional<Double> own = least(servers, LIGHTER);
      table.add(
          List.of(
              key.work(),
              Integer.toString(key.connections()),
              own.map(TextTable::number).orElse("-"),
              ratio(own, least(servers, "nginx")),
              ratio(least(servers, "zot"), own),
              ratio(least(servers, "distribution"), own),
              ratio(p99(servers, LIGHTER), p99(servers, "nginx")),
              ratio(throughput(servers, LIGHTER), throughput(servers, "distribution"))));
    });
    return table.toString();
  }

  private static Optional<Double> perGib(Measurement one) {
    return one.serverCpu().filter(_ -> one.bytes() > 0).map(us -> us / 1e6 / (one.bytes() / GIB));
  }

  private static Optional<Double> least(Map<String, List<Measurement>> servers, String peer) {
    return best(
        servers, peer, rounds -> Quantile.of(rounds, Measurement::serverCpuPerRequest, 0.5));
  }

  private static Optional<Double> p99(Map<String, List<Measurement>> servers, String peer) {
    return best(servers, peer, rounds -> Optional.of(median(rounds, one -> one.latency().p99())));
  }

  private static Optional<Double> throughput(Map<String, List<Measurement>> servers, String peer) {
    return best(servers, peer, rounds -> Optional.of(median(rounds, Measurement::throughput)));
  }

  private static Optional<Double> best(
      Map<String, List<Measurement>> servers,
      String peer,
      Function<List<Measurement>, Optional<Double>> value) {
    return servers.entrySet().stream()
        .filter(server -> server.getKey().startsWith(peer))
        .flatMap(server -> value.apply(server.getValue()).stream())
        .min(Double::compare);
  }

  private static String ratio(Optional<Double> above, Optional<Double> below) {
    return above.isPresent() && below.isPresent() && below.get() > 0
        ? TextTable.number(above.get() / below.get())
        : "-";
  }

  private static String cpu(
      List<Measurement> rounds, Function<Measurement, Optional<Double>> value, double quantile) {
    return Quantile.of(rounds, value, quantile).map(TextTable::number).orElse("-");
  }

  private static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> value) {
    return Quantile.of(rounds, one -> Optional.of(value.applyAsDouble(one)), 0.5).orElseThrow();
  }
}
