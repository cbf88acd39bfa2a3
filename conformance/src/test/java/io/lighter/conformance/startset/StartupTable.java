package io.lighter.conformance.startset;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** The table of start-up sets and recordings, as Markdown and as JSON. */
@Command(
    name = "startup-table",
    mixinStandardHelpOptions = true,
    description = {
      "Compares start-up sets of images with recordings of real runs.",
      "Ends with status 1 when a goal is missed."
    })
public final class StartupTable implements Callable<Integer> {

  @Option(
      names = "--images",
      required = true,
      description = "folder that e2e/startset/images.sh prints: one OCI layout per image")
  private Path images = Path.of("");

  @Option(
      names = "--recordings",
      defaultValue = "e2e/startset/recordings",
      description = "folder of the recordings, NAME.jsonl")
  private Path recordings = Path.of("");

  @Option(
      names = "--lighter",
      defaultValue = "./lighter",
      description = "the command whose sets are judged")
  private Path lighter = Path.of("");

  @Option(names = "--sets", description = "take sets from NAME.json there instead of the command")
  private @Nullable Path sets;

  @Option(names = "--json", description = "write the figures there as well")
  private @Nullable Path json;

  @Option(names = "--details", description = "print what was missed and what was too much")
  private boolean details;

  @Option(
      names = "--any-time",
      description = "show the processor time, but do not judge it: for a machine that is shared")
  private boolean anyTime;

  @Option(names = "--print-only", description = "end with status 0 whatever the figures are")
  private boolean printOnly;

  @Parameters(
      paramLabel = "NAME",
      description = "images; all that have a recording if none is named")
  private List<String> names = List.of();

  private final PrintStream out = System.out;

  private StartupTable() {}

  /** Ends the process with 0, with 1 when a goal is missed, with 2 for wrong arguments. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StartupTable()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Predictor predictor =
        Optional.ofNullable(sets)
            .map(Predictor::kept)
            .orElseGet(() -> Predictor.command(List.of(lighter.toString())));
    var rows = new ArrayList<Row>();
    for (String name : names.isEmpty() ? recorded() : names) {
      rows.add(row(name, predictor));
    }
    print(rows);
    if (json != null) {
      Files.write(
          json, JsonMapper.shared().writeValueAsBytes(rows.stream().map(Row::json).toList()));
    }
    boolean good = rows.stream().allMatch(row -> row.faults().isEmpty());
    return good || printOnly ? 0 : 1;
  }

  private List<String> recorded() throws IOException {
    try (var files = Files.list(recordings)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".jsonl"))
          .map(file -> file.substring(0, file.length() - ".jsonl".length()))
          .sorted()
          .toList();
    }
  }

  private Row row(String name, Predictor predictor) throws IOException, InterruptedException {
    var layout = new OciLayout(images.resolve(name));
    Recording recording = Recording.of(recordings.resolve(name + ".jsonl"));
    Prediction prediction = predictor.predict(name, layout);
    Comparison comparison =
        Comparison.of(ImageFiles.of(layout), recording.paths(), prediction.reasons().keySet());
    return new Row(name, layout.command(), comparison, prediction, !anyTime);
  }

  private void print(List<Row> rows) {
    out.println(line(Row.HEADINGS));
    out.println(line(Row.HEADINGS.stream().map(heading -> "---").toList()));
    rows.forEach(row -> out.println(line(row.cells())));
    if (details) {
      rows.forEach(row -> out.print(row.details()));
    }
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
