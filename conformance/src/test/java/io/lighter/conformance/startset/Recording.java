package io.lighter.conformance.startset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a real run of an image opened or read until it was ready.
 *
 * @param paths in the order of first access, without a slash in front
 */
record Recording(List<String> paths) {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Reads the format of {@code ctr-remote}'s records: one JSON object with a path per line. */
  static Recording of(Path file) throws IOException {
    return new Recording(
        Files.readAllLines(file).stream()
            .map(line -> JSON.readTree(line).path("path").asString())
            .toList());
  }
}
