package io.lighter.server.http;

import tools.jackson.databind.json.JsonMapper;

/** Writes the small JSON documents that the registry itself makes. Thread-safe. */
final class JsonBodies {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonBodies() {}

  static byte[] of(Object document) {
    return MAPPER.writeValueAsBytes(document);
  }
}
