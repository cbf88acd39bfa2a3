package io.lighter.server.command.convert;

import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.conversion.startset.trace.Unresolved;
import io.lighter.oci.Descriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the command has found out.
 *
 * @param image what it was asked about
 * @param command what is executed
 * @param layers of the image, lowest first
 * @param kept layers that could not be looked into, and why
 * @param set what the start reads
 * @param entries how many entries the layers have
 * @param took wall-clock time of the analysis
 */
record StartsetReport(
    String image,
    ImageCommand command,
    List<Descriptor> layers,
    List<String> kept,
    StartupSet set,
    int entries,
    Duration took) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double MEBIBYTE = 1 << 20;

  /** One JSON object. */
  String json() {
    ObjectNode node = JSON.createObjectNode().put("image", image);
    ArrayNode words = node.putArray("command");
    command.command().forEach(words::add);
    ArrayNode files = node.putArray("files");
    for (StartupFile found : set.files()) {
      files
          .addObject()
          .put("path", found.file().path())
          .put("layer", found.file().layer())
          .put("size", found.file().size())
          .put("certainty", found.reason().certainty().name().toLowerCase(Locale.ROOT))
          .put("reason", found.reason().text());
    }
    ArrayNode each = node.putArray("layers");
    for (int i = 0; i < layers.size(); i++) {
      each.addObject()
          .put("digest", layers.get(i).digest().toString())
          .put("size", layers.get(i).size())
          .put("startFiles", files(i))
          .put("startBytes", bytes(i));
    }
    ArrayNode open = node.putArray("unresolved");
    for (Unresolved unresolved : set.unresolved()) {
      open.addObject().put("what", unresolved.what()).put("why", unresolved.why());
    }
    ArrayNode unread = node.putArray("layersNotRead");
    kept.forEach(unread::add);
    return node.put("entries", entries)
        .put("bytesRead", set.bytesRead())
        .put("analysisMillis", took.toMillis())
        .put("cpuMillis", set.cpu().toMillis())
        .toString();
  }

  /** The record format of other converters: a JSON object a line. */
  List<String> record() {
    return set.files().stream()
        .map(found ->
            JSON.createObjectNode()
                .put("path", found.file().path().substring(1))
                .put("layerIndex", found.file().layer())
                .toString())
        .toList();
  }

  /** For people. */
  List<String> table() {
    var lines = new ArrayList<String>();
    lines.add("%s: %s".formatted(image, String.join(" ", command.command())));
    lines.add("");
    lines.add("%5s %12s  %-60s %s".formatted("LAYER", "BYTES", "PATH", "REASON"));
    for (StartupFile found : set.files()) {
      lines.add(
          "%5d %12d  %-60s %s%s"
              .formatted(
                  found.file().layer(),
                  found.file().size(),
                  found.file().path(),
                  found.reason().text(),
                  switch (found.reason().certainty()) {
                    case CERTAIN -> "";
                    case LIKELY -> " (likely)";
                    case POSSIBLE -> " (possible)";
                  }));
    }
    lines.add("");
    for (int i = 0; i < layers.size(); i++) {
      lines.add(
          "layer %d, %s: %s"
              .formatted(
                  i,
                  layers.get(i).digest(),
                  files(i) == 0
                      ? "nothing"
                      : "%d files, %.1f MiB".formatted(files(i), bytes(i) / MEBIBYTE)));
    }
    kept.forEach(layer -> lines.add("not looked into: layer " + layer));
    for (Unresolved unresolved : set.unresolved()) {
      lines.add("not resolved: %s: %s".formatted(unresolved.what(), unresolved.why()));
    }
    lines.add(
        "%d files of %d entries, %.1f MiB; %d ms, of them %d ms on a processor"
            .formatted(
                set.files().size(),
                entries,
                set.files().stream().mapToLong(found -> found.file().size()).sum() / MEBIBYTE,
                took.toMillis(),
                set.cpu().toMillis()));
    return lines;
  }

  private long files(int layer) {
    return set.files().stream().filter(found -> found.file().layer() == layer).count();
  }

  private long bytes(int layer) {
    return set.files().stream()
        .filter(found -> found.file().layer() == layer)
        .mapToLong(found -> found.file().size())
        .sum();
  }
}
