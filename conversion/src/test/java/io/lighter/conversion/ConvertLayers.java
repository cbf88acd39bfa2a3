package io.lighter.conversion;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Converts any number of layers in one process, for the judges of {@code e2e/conversion-judge.sh}.
 * Reads lines {@code SOURCE<tab>TARGET<tab>CHUNK_SIZE} and answers each with a line of JSON: what
 * became of the layer, or {@code refused}, or {@code broken} if the converter failed in a way that
 * it does not promise..
 */
final class ConvertLayers {

  private ConvertLayers() {}

  public static void main(String[] arguments) throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    var json = JsonMapper.shared();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] job = line.split("\t", -1);
        var converter =
            new LayerConverter(
                GzipEncoders.detect(),
                ConversionLimits.DEFAULT,
                executor,
                threads,
                Integer.parseInt(job[2]));
        System.out.println(
            json.writeValueAsString(outcome(converter, Path.of(job[0]), Path.of(job[1]))));
      }
    }
  }

  private static Map<String, Object> outcome(LayerConverter converter, Path source, Path target) {
    var outcome = new LinkedHashMap<String, Object>();
    outcome.put("source", source.toString());
    try (var in = Files.newInputStream(source);
        var out = Files.newOutputStream(target)) {
      ConvertedLayer layer = converter.convert(in, out);
      outcome.put("size", layer.size());
      outcome.put("tocDigest", layer.tocDigest().toString());
      outcome.put("diffId", layer.diffId().toString());
      outcome.put("uncompressedSize", layer.uncompressedSize());
      outcome.put("sourceDiffId", layer.sourceDiffId().toString());
      outcome.put("entries", layer.entries());
    } catch (ConversionException e) {
      outcome.put("refused", String.valueOf(e.getMessage()));
      outcome.put("kind", e.getClass().getSimpleName());
    } catch (IOException | RuntimeException e) {
      outcome.put("broken", e.toString());
    }
    return outcome;
  }
}
