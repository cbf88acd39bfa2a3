package io.lighter.server.command.image;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.InvalidManifestException;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An image in an OCI layout directory. */
final class LayoutSource implements ImageSource {
  private static final int MAX_MANIFEST = 4 << 20;
  private static final int BUFFER = 256 << 10;

  private final ImageLocation.Layout location;

  LayoutSource(ImageLocation.Layout location) {
    this.location = location;
  }

  @Override
  public Manifest root() throws IOException {
    List<Descriptor> images = index(location.directory());
    List<Descriptor> named =
        images.stream()
            .filter(image ->
                location.tag().isEmpty()
                    || location.tag().equals(image.annotations().get(OciLayout.NAME)))
            .toList();
    if (named.size() != 1) {
      throw new ConvertException(
          "%s has %s; it has the names %s"
              .formatted(
                  location.directory(),
                  named.isEmpty() ? "no image of this name" : "several images, so a name is needed",
                  images.stream()
                      .map(image -> image.annotations().getOrDefault(OciLayout.NAME, "(none)"))
                      .toList()));
    }
    return manifest(named.getFirst().digest(), Optional.of(named.getFirst().mediaType()));
  }

  /** What the index of a layout names. */
  static List<Descriptor> index(Path directory) throws IOException {
    Path file = directory.resolve(OciLayout.INDEX);
    try {
      return ManifestView.parse(Optional.of(MediaTypes.OCI_INDEX), Files.readAllBytes(file))
          .manifests();
    } catch (NoSuchFileException e) {
      throw new ConvertException("%s is not an OCI layout: no index.json".formatted(directory), e);
    } catch (InvalidManifestException e) {
      throw new ConvertException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public Manifest manifest(Digest digest) throws IOException {
    return manifest(digest, Optional.empty());
  }

  private Manifest manifest(Digest digest, Optional<String> type) throws IOException {
    Path file = existing(digest);
    if (Files.size(file) > MAX_MANIFEST) {
      throw new ConvertException(
          "%s is larger than the %d bytes that a manifest may have".formatted(file, MAX_MANIFEST));
    }
    byte[] content = Files.readAllBytes(file);
    Digest actual = Digest.of(digest.algorithm(), content);
    if (!actual.equals(digest)) {
      throw damaged(file, actual);
    }
    try {
      return new Manifest(digest, ManifestView.parse(type, content).mediaType(), content);
    } catch (InvalidManifestException e) {
      throw new ConvertException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public Path blob(Descriptor blob, Progress progress) throws IOException {
    Path file = existing(blob.digest());
    var hash = blob.digest().algorithm().newMessageDigest();
    try (InputStream in = Files.newInputStream(file)) {
      var buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
        progress.advance(n);
      }
    }
    Digest actual = Digest.of(blob.digest().algorithm(), hash);
    if (!actual.equals(blob.digest())) {
      throw damaged(file, actual);
    }
    return file;
  }

  private Path existing(Digest digest) {
    Path file = OciLayout.blob(location.directory(), digest);
    if (!Files.isRegularFile(file)) {
      throw new ConvertException("%s is missing".formatted(file));
    }
    return file;
  }

  private static ConvertException damaged(Path file, Digest actual) {
    return new ConvertException("%s is damaged: its content has digest %s".formatted(file, actual));
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
