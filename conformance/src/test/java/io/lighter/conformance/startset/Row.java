package io.lighter.conformance.startset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One image's line of the table.
 *
 * @param image its name among the fixtures
 * @param command what its container runs
 * @param comparison its set beside its recording
 * @param prediction the set
 * @param timed whether the processor time is judged
 */
record Row(
    String image,
    List<String> command,
    Comparison comparison,
    Prediction prediction,
    boolean timed) {

  static final List<String> HEADINGS =
      List.of(
          "image",
          "command",
          "files read",
          "MB read",
          "files in set",
          "MB in set",
          "recall, files",
          "recall, bytes",
          "precision, files",
          "precision, bytes",
          "bytes, set / read",
          "CPU, ms",
          "unresolved",
          "goals");

  /** What is wrong with the set, in words; empty if nothing is. */
  List<String> faults() {
    var faults = new ArrayList<String>();
    Goals.of(image)
        .ifPresent(goal -> {
          faults.addAll(goal.missedBy(comparison));
          if (timed) {
            faults.addAll(goal.missedBy(prediction.cpu()));
          }
        });
    if (comparison.isOutdated()) {
      faults.add(
          comparison.absent().size() + " recorded files are not in the image: record it again");
    }
    if (!comparison.misplaced().isEmpty()) {
      faults.add(comparison.misplaced().size() + " paths are no regular files");
    }
    return faults;
  }

  List<String> cells() {
    return List.of(
        image,
        "`" + String.join(" ", command) + "`",
        Integer.toString(comparison.recorded().files()),
        megabytes(comparison.recorded().bytes()),
        Integer.toString(comparison.predicted().files()),
        megabytes(comparison.predicted().bytes()),
        share(comparison.recallOfFiles()),
        share(comparison.recallOfBytes()),
        share(comparison.precisionOfFiles()),
        share(comparison.precisionOfBytes()),
        share(comparison.bytesRatio()),
        Long.toString(prediction.cpu().toMillis()),
        Integer.toString(prediction.unresolved().size()),
        verdict());
  }

  private String verdict() {
    if (!faults().isEmpty()) {
      return "**" + String.join("; ", faults()) + "**";
    }
    return Goals.of(image).isPresent() ? "met" : "none set";
  }

  /** The same for programs, with all figures unrounded. */
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("image", image);
    json.put("command", command);
    json.put("recordedFiles", comparison.recorded().files());
    json.put("recordedBytes", comparison.recorded().bytes());
    json.put("absentFiles", comparison.absent());
    json.put("predictedFiles", comparison.predicted().files());
    json.put("predictedBytes", comparison.predicted().bytes());
    json.put("recallFiles", comparison.recallOfFiles());
    json.put("recallBytes", comparison.recallOfBytes());
    json.put("precisionFiles", comparison.precisionOfFiles());
    json.put("precisionBytes", comparison.precisionOfBytes());
    json.put("bytesRatio", comparison.bytesRatio());
    json.put("cpuMillis", prediction.cpu().toMillis());
    json.put("unresolved", prediction.unresolved());
    json.put("faults", faults());
    return json;
  }

  /** What was missed, what was too much and why, one file per line. */
  String details() {
    var text = new StringBuilder();
    text.append(
        "\n## %s\n\nMissed, in the order of the run: %d files, %s MB\n"
            .formatted(image, comparison.missed().size(), sum(comparison.missed())));
    comparison.missed().forEach(item -> text.append(line(item, "")));
    text.append(
        "\nNot read, largest first: %d files, %s MB\n"
            .formatted(comparison.superfluous().size(), sum(comparison.superfluous())));
    for (Comparison.Item item : comparison.superfluous()) {
      text.append(line(item, prediction.reasons().getOrDefault(item.path(), "")));
    }
    section(text, "Recorded, but not in the image", comparison.absent());
    section(text, "No regular files of the image", comparison.misplaced());
    section(text, "Unresolved", prediction.unresolved());
    return text.toString();
  }

  private static void section(StringBuilder text, String title, List<String> lines) {
    if (!lines.isEmpty()) {
      text.append("\n%s: %d\n".formatted(title, lines.size()));
      lines.forEach(line -> text.append("            ").append(line).append('\n'));
    }
  }

  private static String line(Comparison.Item item, String reason) {
    return "%10d  %s%s\n"
        .formatted(item.size(), item.path(), reason.isEmpty() ? "" : "  <- " + reason);
  }

  private static String sum(List<Comparison.Item> items) {
    return megabytes(items.stream().mapToLong(Comparison.Item::size).sum());
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f", bytes / 1e6);
  }

  private static String share(double number) {
    return String.format(Locale.ROOT, "%.3f", number);
  }
}
