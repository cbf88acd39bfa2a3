package io.lighter.bench.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
  @TempDir private Path directory = Path.of("");

  private static Arm arm(String name, Optional<String> against) {
    return new Arm(
        "web",
        name,
        "host/" + name,
        PullKind.LAZY,
        false,
        Optional.empty(),
        List.of(),
        new ReadyCheck.Ended(),
        List.of(),
        against);
  }

  private static Run run(String arm, int round, double pull, double ready) {
    return new Run("web", arm, round, pull, 0.5, ready, Map.of("MB", pull), Optional.empty());
  }

  private static final List<Arm> ARMS =
      List.of(arm("full", Optional.empty()), arm("lazy", Optional.of("full")));

  private static List<Run> runs() {
    return List.of(
        run("full", 1, 10, 1),
        run("lazy", 1, 1, 0.5),
        run("full", 2, 20, 1),
        run("lazy", 2, 1, 0.25),
        run("full", 3, 12, 1),
        run("lazy", 3, 9, 0.5),
        run("full", 4, 13, 1),
        Run.failed(ARMS.getLast(), 4, "gone"));
  }

  @Test
  void of_runs_givesMediansOfThoseThatBecameReady() {
    Summary full = Summary.of(ARMS, runs()).getFirst();
    assertThat(full.runs()).isEqualTo(4);
    assertThat(full.pull()).isEqualTo(12.5);
    assertThat(full.least()).isEqualTo(11.5);
    assertThat(full.most()).isEqualTo(21.5);
    assertThat(full.comparison()).isEmpty();
    Summary lazy = Summary.of(ARMS, runs()).getLast();
    assertThat(lazy.runs()).isEqualTo(3);
    assertThat(lazy.failed()).isEqualTo(1);
    assertThat(lazy.total()).isEqualTo(2);
    assertThat(lazy.figures()).containsEntry("MB", 1.0);
  }

  @Test
  void of_armsThatAreCompared_takesTheMedianOfTheRatiosOfEachRound() {
    Summary.Comparison comparison = Summary.of(ARMS, runs()).getLast().comparison().orElseThrow();
    assertThat(comparison.against()).isEqualTo("full");
    assertThat(comparison.total()).isCloseTo(2.0 / 11.5, within(1e-9));
    assertThat(comparison.ready()).isEqualTo(0.5);
  }

  @Test
  void table_ofSummaries_saysRangesFailuresAndRatios() {
    List<String> lines = ReadinessTable.of(Summary.of(ARMS, runs())).lines().toList();
    assertThat(lines.getFirst())
        .matches(
            "image +arm +pull s +start s +ready s +total s +range +runs +MB +x total +x ready +of");
    assertThat(lines.getLast())
        .matches(
            "web +lazy +1.00 +0.50 +0.50 +2.00 +1.75-10.00 +3, 1 failed +1.00 +0.174 +0.500 +full");
  }

  @Test
  void table_ofAnArmThatNeverBecameReady_hasNoFigures() {
    Run failed = Run.failed(ARMS.getLast(), 1, "gone");
    assertThat(ReadinessTable.of(Summary.of(ARMS, List.of(failed))))
        .contains("0, 1 failed")
        .doesNotContain("NaN");
  }

  @Test
  void file_writtenAndRead_isTheSame() throws IOException {
    Path file = directory.resolve("runs.json");
    List<Summary> summaries = Summary.of(ARMS, runs());
    ReadinessFile.of(Instant.EPOCH, runs(), summaries).write(file);
    assertThat(ReadinessFile.read(file).runs()).isEqualTo(runs());
    assertThat(ReadinessFile.read(file).summaries()).isEqualTo(summaries);
    Files.writeString(file, "{\"format\": \"lighter-bench 1\", \"runs\": [], \"summaries\": []}");
    assertThatThrownBy(() -> ReadinessFile.read(file))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("lighter-readiness 1");
  }

  @Test
  void chart_ofSummaries_hasABarForEachArmWithItsPhases() {
    String chart = ReadinessChart.of(Summary.of(ARMS, runs()));
    assertThat(chart).contains(">web, seconds (medians)</text>", ">full</text>", ">lazy</text>");
    // 12.5 + 0.5 + 1 s in all; the scale ends at 25 s, which are 570 pixels from the left edge.
    assertThat(chart).contains(">14.00</text>", "x=\"330.0\" y=\"80.0\" width=\"285.0\"");
    assertThat(chart).contains("x=\"615.0\" y=\"80.0\" width=\"11.4\"");
  }
}
