package io.lighter.bench;

import io.lighter.bench.chart.BarChart;
import io.lighter.bench.load.BenchException;
import io.lighter.bench.report.RunFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lighter bench chart}: several runs side by side, as a picture. */
@Command(
    name = "chart",
    mixinStandardHelpOptions = true,
    description = "Draws runs side by side, from the files that --json wrote.")
final class ChartCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "RUN.json", description = "Files that --json wrote.")
  private List<Path> runs = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE.svg",
      required = true,
      description = "The picture.")
  private Path output = Path.of("");

  @Override
  public Integer call() {
    String picture = BarChart.of(runs.stream().map(RunFile::read).toList());
    try {
      Files.writeString(output, picture);
    } catch (IOException e) {
      throw new BenchException("%s cannot be written: %s".formatted(output, e.getMessage()), e);
    }
    return 0;
  }
}
