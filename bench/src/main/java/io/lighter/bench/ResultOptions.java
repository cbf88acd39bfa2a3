package io.lighter.bench;

import io.lighter.bench.load.Failure;
import io.lighter.bench.load.Tally;
import io.lighter.bench.report.Measurement;
import io.lighter.bench.report.ResultTable;
import io.lighter.bench.report.RunFile;
import io.lighter.bench.work.Bench;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options about what becomes of the result, and how it is told. */
final class ResultOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Write the result to this file too.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--label",
      paramLabel = "TEXT",
      description = "How the server and the run are called in tables and charts.")
  private Optional<String> label = Optional.empty();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private final Instant started = Instant.now();

  /** What the user calls the server, or this. */
  String label(String otherwise) {
    return label.orElse(otherwise);
  }

  /** Prints the table and the first errors, and writes the file. */
  int report(List<Bench.Result> results) {
    List<Measurement> measurements = results.stream().map(Bench.Result::measurement).toList();
    PrintWriter out = spec.commandLine().getOut();
    out.print(ResultTable.of(measurements));
    results.forEach(this::printErrors);
    out.flush();
    write(measurements);
    boolean clean = measurements.stream().allMatch(Measurement::clean);
    return clean && !measurements.isEmpty() ? 0 : 1;
  }

  /** Writes the file, if one is wanted. */
  void write(List<Measurement> measurements) {
    json.ifPresent(file ->
        RunFile.of(spec.name(), label(spec.name()), started, settings(), measurements).write(file));
  }

  /** Prints what went wrong in a run, if something did. */
  void printErrors(Bench.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    Measurement measurement = result.measurement();
    Tally tally = result.tally();
    String what = measurement.server() + ", " + measurement.work();
    if (measurement.requests() == 0) {
      out.printf("%s: nothing was measured%n", what);
    }
    tally
        .failures()
        .forEach((kind, count) -> out.printf("%s: %d x %s%n", what, count, kind.text()));
    for (Failure failure : tally.examples()) {
      out.printf("  %s: %s%n", failure.kind().text(), failure.detail());
    }
  }

  /** The command line without secrets. */
  private Map<String, String> settings() {
    var settings = new LinkedHashMap<String, String>();
    for (ArgSpec argument : spec.args()) {
      boolean secret = argument.paramLabel().startsWith("'NAME");
      Object value = argument.getValue();
      if (value != null && !secret) {
        String name =
            argument.isOption()
                ? ((picocli.CommandLine.Model.OptionSpec) argument).longestName()
                : argument.paramLabel();
        settings.put(name, value.toString());
      }
    }
    return settings;
  }
}
