package io.lighter.server;

import io.lighter.oci.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes images as OCI layouts. */
final class TestLayout {

  private TestLayout() {}

  /** A layout with one root, which may be an index of the images. */
  static void write(Path layout, Manifest root, List<TestImage> images) throws IOException {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    for (TestImage image : images) {
      Files.write(blobs.resolve(image.manifest().digest().hex()), image.manifest().content());
      for (var blob : image.blobs().entrySet()) {
        Files.write(blobs.resolve(blob.getKey().hex()), blob.getValue());
      }
    }
    Files.write(blobs.resolve(root.digest().hex()), root.content());
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}]}"
            .formatted(root.mediaType(), root.digest(), root.content().length));
  }
}
