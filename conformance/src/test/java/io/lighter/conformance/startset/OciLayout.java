package io.lighter.conformance.startset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder in the OCI image layout that holds one image, with layers as gzip or plain tar.
 *
 * @param folder the one that holds {@code index.json}
 */
record OciLayout(Path folder) {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** The files of the layers, lowest first. */
  List<Path> layers() throws IOException {
    var layers = new ArrayList<Path>();
    for (JsonNode layer : manifest().path("layers")) {
      layers.add(blob(layer));
    }
    return layers;
  }

  /** What a container of the image runs: entry point and command. */
  List<String> command() throws IOException {
    JsonNode config = json(blob(manifest().path("config"))).path("config");
    var words = new ArrayList<String>();
    config.path("Entrypoint").forEach(word -> words.add(word.asString()));
    config.path("Cmd").forEach(word -> words.add(word.asString()));
    return words;
  }

  private JsonNode manifest() throws IOException {
    JsonNode manifests = json(folder.resolve("index.json")).path("manifests");
    if (manifests.size() != 1) {
      throw new IOException(folder + " holds " + manifests.size() + " images; one is wanted");
    }
    return json(blob(manifests.get(0)));
  }

  private Path blob(JsonNode descriptor) {
    return folder.resolve("blobs").resolve(descriptor.path("digest").asString().replace(':', '/'));
  }

  private static JsonNode json(Path file) throws IOException {
    return JSON.readTree(Files.readAllBytes(file));
  }
}
