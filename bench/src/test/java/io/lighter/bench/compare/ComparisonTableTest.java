package io.lighter.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.bench.report.Latency;
import io.lighter.bench.report.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {

  private static Measurement round(
      String server, double cpu, double p99, Map<String, Long> errors) {
    var latency = new Latency(1, 1, p99, 1, 1, 1);
    return new Measurement(
        server,
        "4Ki",
        8,
        100,
        100,
        409_600,
        1,
        errors,
        latency,
        latency,
        Optional.of(cpu * 100),
        0);
  }

  private static String cells(String table, String work) {
    return table
        .lines()
        .filter(line -> line.startsWith(work))
        .map(line -> line.replaceAll(" +", " "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void ratios_rounds_areOfTheMediansAndTheBetterNginx() {
    var rounds = new ArrayList<Measurement>();
    for (double cpu : new double[] {18, 12, 99}) {
      rounds.add(round("lighter", cpu, 300, Map.of()));
    }
    rounds.add(round("nginx nopush on", 12, 100, Map.of()));
    rounds.add(round("nginx nopush off", 24, 150, Map.of()));
    rounds.add(round("zot", 90, 100, Map.of()));
    rounds.add(round("distribution", 1800, 100, Map.of()));
    // work, connections, Lighter, to nginx, zot, distribution, p99, throughput
    assertThat(cells(new ComparisonTable(rounds).ratios(), "4Ki"))
        .isEqualTo("4Ki 8 18.0 1.50 5.00 100 3.00 1.00");
  }

  @Test
  void medians_roundWithErrors_isLeftOut() {
    var rounds =
        List.of(
            round("zot", 40, 100, Map.of()),
            round("zot", 60, 100, Map.of()),
            round("zot", 1, 100, Map.of("STATUS", 3L)));
    // work, server, connections, rounds, rate, throughput, p50, p99, CPU: median, least, greatest
    assertThat(cells(new ComparisonTable(rounds).medians(), "4Ki"))
        .startsWith("4Ki zot 8 2 100 0.391 1.00 100 50.0 40.0 60.0 50.0 ");
  }

  @Test
  void ratios_peerIsMissing_hasNone() {
    assertThat(
            cells(new ComparisonTable(List.of(round("lighter", 10, 5, Map.of()))).ratios(), "4Ki"))
        .isEqualTo("4Ki 8 10.0 - - - - -");
  }
}
