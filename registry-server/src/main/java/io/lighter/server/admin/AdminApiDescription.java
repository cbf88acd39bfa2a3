package io.lighter.server.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The OpenAPI file of the admin API, which is a resource beside this class. */
final class AdminApiDescription {
  private static final String FILE = "openapi.json";

  private AdminApiDescription() {}

  static byte[] bytes() {
    try (InputStream file =
        Objects.requireNonNull(AdminApiDescription.class.getResourceAsStream(FILE), FILE)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " is in the jar and cannot be read", e);
    }
  }
}
