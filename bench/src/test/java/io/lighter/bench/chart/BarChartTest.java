package io.lighter.bench.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.load.BenchException;
import io.lighter.bench.report.Latency;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.report.RunFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BarChartTest {

  private static Measurement measurement(String server, String work, double cpu, double p50) {
    return new Measurement(
        server,
        work,
        8,
        1000,
        1000,
        4096,
        2,
        Map.of(),
        new Latency(p50, p50, 3 * p50, p50, p50, p50),
        new Latency(p50, p50, p50, p50, p50, p50),
        Optional.of(cpu * 1000),
        0);
  }

  private static RunFile run(String label, Measurement... lines) {
    return RunFile.of("range", label, Instant.EPOCH, Map.of(), List.of(lines));
  }

  private static List<RunFile> runs() {
    return List.of(
        run(
            "first <run>",
            measurement("first <run>", "4Ki", 12, 100),
            measurement("first <run>", "4Ki", 14, 100),
            measurement("first <run>", "4Ki", 90, 100)),
        run("second", measurement("peer", "4Ki", 2000, 9000), measurement("peer", "1Mi", 300, 70)));
  }

  @Test
  void of_twoRuns_isTheKnownPicture() throws IOException, URISyntaxException {
    Path known = Path.of(Objects.requireNonNull(getClass().getResource("two.svg")).toURI());
    assertThat(BarChart.of(runs())).isEqualTo(Files.readString(known));
  }

  @Test
  void of_severalRounds_drawsTheirMedian() {
    assertThat(BarChart.of(runs())).contains(">14.0</text>").doesNotContain(">90.0</text>");
  }

  @Test
  void of_nothingClean_isRefused() {
    assertThatThrownBy(() -> BarChart.of(List.of(run("empty")))).isInstanceOf(BenchException.class);
  }
}
