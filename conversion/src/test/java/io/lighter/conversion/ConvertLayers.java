package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Converts any number of layers in one process, for the judges of {@code e2e/conversion-judge.sh}.
 * Reads lines {@code SOURCE<tab>TARGET<tab>CHUNK_SIZE<tab>MIN_CHUNK_SIZE<tab>LIST} and answers each
 * with a line of JSON: what became of the layer, or {@code refused}, or {@code broken} if the
 * converter failed in a way that it does not promise. A minimal chunk size other than 0 goes with
 * chunks of the usual size only; LIST is the file of a prefetch list, or empty.
 */
final class ConvertLayers {

  private ConvertLayers() {}

  public static void main(String[] arguments) throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    var json = JsonMapper.shared();
    GzipEncoders encoders = GzipEncoders.detect();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] job = line.split("\t", -1);
        int minChunk = Integer.parseInt(job[3]);
        var converter =
            minChunk == 0
                ? new LayerConverter(
                    encoders, ConversionLimits.DEFAULT, executor, threads, Integer.parseInt(job[2]))
                : new LayerConverter(encoders, ConversionLimits.DEFAULT, executor, threads)
                    .withMinChunkSize(minChunk);
        System.out.println(
            json.writeValueAsString(outcome(converter, Path.of(job[0]), Path.of(job[1]), job[4])));
      }
    }
  }

  private static Map<String, Object> outcome(
      LayerConverter converter, Path source, Path target, String list) {
    var outcome = new LinkedHashMap<String, Object>();
    outcome.put("source", source.toString());
    try {
      ConvertedLayer layer = convert(converter, source, target);
      PrefetchList files = read(list);
      layer = files.isEmpty() ? layer : layOut(converter, target, layer, files);
      outcome.put("size", layer.size());
      outcome.put("tocDigest", layer.tocDigest().toString());
      outcome.put("diffId", layer.diffId().toString());
      outcome.put("uncompressedSize", layer.uncompressedSize());
      outcome.put("sourceDiffId", layer.sourceDiffId().toString());
      outcome.put("entries", layer.entries());
      outcome.put("prefetchedEntries", layer.prefetched().entries());
      outcome.put("landmarkOffset", layer.prefetched().offset());
    } catch (ConversionException e) {
      outcome.put("refused", String.valueOf(e.getMessage()));
      outcome.put("kind", e.getClass().getSimpleName());
    } catch (IOException | RuntimeException e) {
      outcome.put("broken", e.toString());
    }
    return outcome;
  }

  private static ConvertedLayer convert(LayerConverter converter, Path source, Path target)
      throws IOException {
    try (InputStream in = Files.newInputStream(source);
        OutputStream out = Files.newOutputStream(target)) {
      return converter.convert(in, out);
    }
  }

  private static ConvertedLayer layOut(
      LayerConverter converter, Path target, ConvertedLayer plain, PrefetchList list)
      throws IOException {
    Path file = target.resolveSibling(target.getFileName() + ".plain");
    Files.move(target, file);
    try (FileChannel blob = FileChannel.open(file, StandardOpenOption.DELETE_ON_CLOSE);
        OutputStream out = Files.newOutputStream(target)) {
      return converter
          .layout((position, bytes) -> blob.read(bytes, position), blob.size(), Prefetch.of(list))
          .write(plain.sourceDiffId(), out)
          .layer();
    }
  }

  private static PrefetchList read(String list) throws IOException {
    if (list.isEmpty()) {
      return PrefetchList.NONE;
    }
    try (InputStream lines = Files.newInputStream(Path.of(list))) {
      return PrefetchList.parse(lines, list);
    }
  }
}
