package io.lighter.server.command.image;

import io.lighter.conversion.ConvertedLayer;
import io.lighter.conversion.LayerOutcome;
import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.Prefetched;
import io.lighter.server.startset.StartsetReport;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the command prints on standard output, for scripts. */
final class Results {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Results() {}

  /** A single layer. */
  static String layer(Layers.Result result, String encoder, List<PrefetchList.Item> unmatched) {
    ConvertedLayer layer = result.layer();
    ObjectNode node =
        JSON.createObjectNode()
            .put("digest", result.digest().toString())
            .put("size", layer.size())
            .put("tocDigest", layer.tocDigest().toString())
            .put("diffId", layer.diffId().toString())
            .put("uncompressedSize", layer.uncompressedSize())
            .put("sourceDiffId", layer.sourceDiffId().toString())
            .put("entries", layer.entries())
            .put("encoder", encoder);
    prefetched(node, layer.prefetched());
    unmatched(node, unmatched);
    return node.toString();
  }

  /** An image. */
  static String image(
      ImageLocation source,
      ImageLocation target,
      ImageRun.Report report,
      String encoder,
      List<PrefetchList.Item> unmatched) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("source", source.toString())
            .put("target", target.toString())
            .put("sourceDigest", report.original().digest().toString())
            .put("digest", report.result().digest().toString())
            .put("mediaType", report.result().mediaType())
            .put("converted", !report.original().digest().equals(report.result().digest()))
            .put("encoder", encoder);
    var layers = node.putArray("layers");
    report.layers().reports().forEach(layer -> layers.add(layer(layer)));
    if (!report.layers().startupSets().isEmpty()) {
      var sets = node.putArray("startupSets");
      report.layers().startupSets().forEach(set -> sets.add(startupSet(set)));
    }
    Set<String> notes = report.layers().notes();
    if (!notes.isEmpty()) {
      var array = node.putArray("notes");
      notes.forEach(array::add);
    }
    unmatched(node, unmatched);
    return node.toString();
  }

  private static ObjectNode layer(ImageLayers.Report report) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("source", report.source().digest().toString())
            .put("sourceSize", report.source().size());
    switch (report.outcome()) {
      case LayerOutcome.Converted layer ->
          node.put("outcome", "converted")
              .put("digest", layer.digest().toString())
              .put("size", layer.size())
              .put("tocDigest", layer.tocDigest().toString())
              .put("diffId", layer.diffId().toString())
              .put("uncompressedSize", layer.uncompressedSize());
      case LayerOutcome.Annotated layer ->
          node.put("outcome", "annotated").put("tocDigest", layer.tocDigest().toString());
      case LayerOutcome.PassedThrough _ -> node.put("outcome", "already-lazy");
      case LayerOutcome.Kept(String reason) -> node.put("outcome", "kept").put("reason", reason);
    }
    prefetched(node, report.prefetched());
    return node;
  }

  private static ObjectNode startupSet(StartsetReport report) {
    ObjectNode node = JSON.createObjectNode().put("image", report.image());
    var command = node.putArray("command");
    report.command().forEach(command::add);
    node.put("files", report.files().size()).put("bytes", report.bytes());
    var layers = node.putArray("layers");
    for (StartsetReport.Layer layer : report.layers()) {
      layers
          .addObject()
          .put("source", layer.digest())
          .put("files", layer.startFiles())
          .put("bytes", layer.startBytes());
    }
    return node.put("unresolved", report.unresolved().size())
        .put("millis", report.analysisMillis())
        .put("cpuMillis", report.cpuMillis());
  }

  private static void prefetched(ObjectNode node, Prefetched prefetched) {
    if (prefetched.entries() > 0 || !prefetched.omitted().isEmpty()) {
      ObjectNode child =
          node.putObject("prefetched")
              .put("entries", prefetched.entries())
              .put("bytes", prefetched.bytes())
              .put("offset", prefetched.offset());
      if (!prefetched.omitted().isEmpty()) {
        var omitted = child.putArray("omitted");
        prefetched.omitted().stream().sorted().forEach(omitted::add);
      }
    }
  }

  private static void unmatched(ObjectNode node, List<PrefetchList.Item> items) {
    if (!items.isEmpty()) {
      var array = node.putArray("prefetchUnmatched");
      items.forEach(item -> array.add(item.path()));
    }
  }
}
