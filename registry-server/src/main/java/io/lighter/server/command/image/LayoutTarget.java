package io.lighter.server.command.image;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image in an OCI layout directory, new or not. All of it waits in the workspace until it is
 * complete; then the blobs are moved, and the index is replaced last.
 */
final class LayoutTarget implements ImageTarget {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ImageLocation.Layout location;
  private final Workspace workspace;
  private final Map<Digest, Path> added = new LinkedHashMap<>();

  /**
   * A target.
   *
   * @param workspace on the file system of the directory
   */
  LayoutTarget(ImageLocation.Layout location, Workspace workspace) {
    this.location = location;
    this.workspace = workspace;
  }

  @Override
  public boolean has(Digest blob) {
    return added.containsKey(blob)
        || Files.isRegularFile(OciLayout.blob(location.directory(), blob));
  }

  @Override
  public void blob(Digest digest, Path content) throws IOException {
    if (has(digest)) {
      return;
    }
    if (content.startsWith(workspace.directory())) {
      added.put(digest, content);
    } else {
      Path copy = workspace.file();
      Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
      added.put(digest, copy);
    }
  }

  @Override
  public void manifest(Manifest manifest) throws IOException {
    if (!has(manifest.digest())) {
      added.put(manifest.digest(), Files.write(workspace.file(), manifest.content()));
    }
  }

  @Override
  public void finish(Manifest root) throws IOException {
    Path directory = location.directory();
    for (var blob : added.entrySet()) {
      Path place = OciLayout.blob(directory, blob.getKey());
      Files.createDirectories(place.getParent());
      Files.setPosixFilePermissions(blob.getValue(), PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(blob.getValue(), place, StandardCopyOption.REPLACE_EXISTING);
    }
    Path marker = directory.resolve(OciLayout.MARKER);
    if (!Files.exists(marker)) {
      Files.writeString(marker, OciLayout.MARKER_CONTENT);
    }
    Path index = directory.resolve(OciLayout.INDEX);
    Path replacement = Files.createTempFile(directory, ".index-", ".json");
    Files.write(replacement, JSON.writeValueAsBytes(indexWith(root, index)));
    Files.setPosixFilePermissions(replacement, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(replacement, index, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The index with this image in place of the one that had its name. */
  private ObjectNode indexWith(Manifest root, Path file) throws IOException {
    ObjectNode index;
    try {
      index =
          Files.exists(file)
              ? (ObjectNode) JSON.readTree(Files.readAllBytes(file))
              : JSON.createObjectNode().put("schemaVersion", 2);
    } catch (JacksonException | ClassCastException e) {
      throw new ConvertException(file + " is not an index", e);
    }
    ArrayNode manifests = index.withArray("manifests");
    for (int i = manifests.size() - 1; i >= 0; i--) {
      String name = manifests.get(i).path("annotations").path(OciLayout.NAME).asString("");
      String digest = manifests.get(i).path("digest").asString("");
      if (name.equals(location.tag())
          && (!name.isEmpty() || digest.equals(root.digest().toString()))) {
        manifests.remove(i);
      }
    }
    ObjectNode descriptor =
        manifests
            .addObject()
            .put("mediaType", root.mediaType())
            .put("digest", root.digest().toString())
            .put("size", root.content().length);
    if (!location.tag().isEmpty()) {
      descriptor.putObject("annotations").put(OciLayout.NAME, location.tag());
    }
    return index;
  }

  /** Refuses a directory that holds something else. */
  static void check(ImageLocation.Layout location) throws IOException {
    Path directory = location.directory();
    if (!Files.exists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new ConvertException(directory + " is not a directory");
    }
    if (Files.exists(directory.resolve(OciLayout.INDEX))) {
      LayoutSource.index(directory);
      return;
    }
    try (var entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw new ConvertException(
            directory + " is neither empty nor an OCI layout; allowed: one of both, or a new name");
      }
    }
  }

  @Override
  public void close() {
    added.clear();
  }
}
