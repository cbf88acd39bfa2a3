package io.lighter.server.startset;

import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.OpenImage;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.conversion.startset.trace.Unresolved;
import io.lighter.oci.Descriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The start-up set of an image, as it is told. Its JSON is an object with these names.
 *
 * @param image what was asked about
 * @param command program and arguments that are executed
 * @param files in the order in which the start reads them
 * @param layers lowest first
 * @param unresolved what the start may use and could not be followed
 * @param layersNotRead layers that could not be looked into, and why
 * @param entries how many entries the layers have together
 * @param bytesRead uncompressed bytes of the files that were looked into
 * @param analysisMillis how long it took
 * @param cpuMillis how long a processor was busy with it
 */
public record StartsetReport(
    String image,
    List<String> command,
    List<File> files,
    List<Layer> layers,
    List<Unresolved> unresolved,
    List<String> layersNotRead,
    int entries,
    long bytesRead,
    long analysisMillis,
    long cpuMillis) {

  private static final double MEBIBYTE = 1 << 20;

  /**
   * A file that the start reads.
   *
   * @param path absolute, links resolved
   * @param layer which layer it comes from, 0 for the lowest
   * @param size bytes
   * @param certainty certain, likely or possible
   * @param reason why
   */
  public record File(String path, int layer, long size, String certainty, String reason) {

    static File of(StartupFile found) {
      return new File(
          found.file().path(),
          found.file().layer(),
          found.file().size(),
          found.reason().certainty().name().toLowerCase(Locale.ROOT),
          found.reason().text());
    }
  }

  /**
   * A layer of the image.
   *
   * @param digest of the original
   * @param size of the original, bytes
   * @param startFiles how many files of it the start reads
   * @param startBytes bytes of these files, uncompressed
   */
  public record Layer(String digest, long size, long startFiles, long startBytes) {

    private static Layer of(Descriptor layer, List<File> files) {
      return new Layer(
          layer.digest().toString(),
          layer.size(),
          files.size(),
          files.stream().mapToLong(File::size).sum());
    }
  }

  /**
   * A report.
   *
   * @param layers of the original, lowest first
   * @param image what was looked into
   * @param took wall-clock time of the analysis
   */
  public static StartsetReport of(
      String name,
      ImageCommand command,
      List<Descriptor> layers,
      OpenImage image,
      StartupSet set,
      Duration took) {
    List<File> files = set.files().stream().map(File::of).toList();
    var each = new ArrayList<Layer>();
    for (int i = 0; i < layers.size(); i++) {
      int number = i;
      each.add(
          Layer.of(layers.get(i), files.stream().filter(file -> file.layer() == number).toList()));
    }
    List<String> notRead =
        image.unread().entrySet().stream()
            .map(layer -> "%s: %s".formatted(layers.get(layer.getKey()).digest(), layer.getValue()))
            .toList();
    return new StartsetReport(
        name,
        command.command(),
        files,
        each,
        set.unresolved(),
        notRead,
        image.tree().entries(),
        set.bytesRead(),
        took.toMillis(),
        set.cpu().toMillis());
  }

  /** Bytes of all files together. */
  public long bytes() {
    return files.stream().mapToLong(File::size).sum();
  }

  /** For people, in one line. */
  public String summary() {
    return "%d files of %d entries, %.1f MiB; %d ms, of them %d ms on a processor"
        .formatted(files.size(), entries, bytes() / MEBIBYTE, analysisMillis, cpuMillis);
  }

  /** For people. */
  public List<String> table() {
    var lines = new ArrayList<String>();
    lines.add("%s: %s".formatted(image, String.join(" ", command)));
    lines.add("");
    lines.add("%5s %12s  %-60s %s".formatted("LAYER", "BYTES", "PATH", "REASON"));
    for (File file : files) {
      String certainty = file.certainty().equals("certain") ? "" : " (" + file.certainty() + ")";
      lines.add(
          "%5d %12d  %-60s %s%s"
              .formatted(file.layer(), file.size(), file.path(), file.reason(), certainty));
    }
    lines.add("");
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      lines.add(
          "layer %d, %s: %s"
              .formatted(
                  i,
                  layer.digest(),
                  layer.startFiles() == 0
                      ? "nothing"
                      : "%d files, %.1f MiB"
                          .formatted(layer.startFiles(), layer.startBytes() / MEBIBYTE)));
    }
    layersNotRead.forEach(layer -> lines.add("not looked into: layer " + layer));
    unresolved.forEach(
        open -> lines.add("not resolved: %s: %s".formatted(open.what(), open.why())));
    lines.add(summary());
    return lines;
  }
}
