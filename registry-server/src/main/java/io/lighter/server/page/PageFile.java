package io.lighter.server.page;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * A file of the page.
 *
 * @param path below {@link #PREFIX}
 * @param type its {@code Content-Type}
 * @param etag its entity tag
 * @param content its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // Written only to sockets, never compared.
public record PageFile(String path, String type, String etag, byte[] content) {
  /** Where the page is. */
  public static final String PREFIX = "/ui/";

  /** The file that {@link #PREFIX} itself means. */
  public static final String INDEX = "index.html";

  /** Nothing but what comes from this server, and no script or style within a document. */
  public static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final List<String> NAMES =
      List.of(
          INDEX,
          "style.css",
          "icon.svg",
          "main.js",
          "api.js",
          "dom.js",
          "format.js",
          "overview.js",
          "images.js",
          "image.js",
          "layer.js",
          "heat.js",
          "conversions.js",
          "upstreams.js",
          "storage.js");

  /** All files of the page, which are small. */
  public static List<PageFile> all() {
    return NAMES.stream().map(PageFile::load).toList();
  }

  private static PageFile load(String name) {
    try (InputStream file =
        Objects.requireNonNull(PageFile.class.getResourceAsStream(name), name)) {
      byte[] content = file.readAllBytes();
      String etag = '"' + Digest.ofSha256(content).hex().substring(0, 16) + '"';
      return new PageFile(name, type(name), etag, content);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " is in the jar and cannot be read", e);
    }
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.'))) {
      case ".html" -> "text/html; charset=utf-8";
      case ".css" -> "text/css; charset=utf-8";
      case ".js" -> "text/javascript; charset=utf-8";
      case ".svg" -> "image/svg+xml";
      case String other -> throw new IllegalStateException("of which type is " + other + "?");
    };
  }
}
