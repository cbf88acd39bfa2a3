package io.lighter.server.command.image;

import io.lighter.oci.Digest;
import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where an image is, or is to be. */
sealed interface ImageLocation {

  /**
   * In a registry: {@code docker://HOST[:PORT]/NAME[:TAG|@DIGEST]}.
   *
   * @param host as people write it; {@code docker.io} for Docker Hub
   * @param repository name there
   * @param reference a tag, {@code latest} if none was said, or a digest
   */
  record Registry(String host, RepositoryName repository, Reference reference)
      implements ImageLocation {
    @Override
    public String toString() {
      return switch (reference) {
        case Tag tag -> "docker://%s/%s:%s".formatted(host, repository, tag);
        case Digest digest -> "docker://%s/%s@%s".formatted(host, repository, digest);
      };
    }
  }

  /**
   * In a directory of the OCI Image Layout Specification: {@code oci:DIRECTORY[:TAG]}.
   *
   * @param directory which may have to be made
   * @param tag name of the image in it; empty for the only one
   */
  record Layout(Path directory, String tag) implements ImageLocation {
    @Override
    public String toString() {
      return tag.isEmpty() ? "oci:" + directory : "oci:%s:%s".formatted(directory, tag);
    }
  }

  /**
   * Understands a location.
   *
   * @throws ConvertException if it is none
   */
  static ImageLocation parse(String text) {
    try {
      if (text.startsWith("docker://")) {
        return registry(text, text.substring("docker://".length()));
      }
      if (text.startsWith("oci:")) {
        return layout(text, text.substring("oci:".length()));
      }
    } catch (InvalidReferenceException | InvalidPathException e) {
      throw new ConvertException("%s: %s".formatted(text, e.getMessage()), e);
    }
    throw notAllowed(text);
  }

  private static ImageLocation registry(String text, String name) {
    int at = name.indexOf('@');
    String tagged = at < 0 ? name : name.substring(0, at);
    int slash = tagged.indexOf('/');
    int colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
    if (slash <= 0 || colon == tagged.length() - 1) {
      throw notAllowed(text);
    }
    String host = tagged.substring(0, slash);
    String path = tagged.substring(slash + 1, colon < 0 ? tagged.length() : colon);
    if (host.indexOf('.') < 0 && host.indexOf(':') < 0 && !host.equals("localhost")) {
      throw new ConvertException(
          "%s: \"%s\" is not a registry; allowed: a host with a dot or a port, such as docker.io or localhost:30500"
              .formatted(text, host));
    }
    boolean hub = host.equals("docker.io") || host.equals("index.docker.io");
    Reference tag = colon < 0 ? new Tag("latest") : Tag.parse(tagged.substring(colon + 1));
    return new Registry(
        hub ? "docker.io" : host,
        RepositoryName.parse(hub && path.indexOf('/') < 0 ? "library/" + path : path),
        at < 0 ? tag : Digest.parse(name.substring(at + 1)));
  }

  private static ImageLocation layout(String text, String place) {
    int colon = place.indexOf(':', place.lastIndexOf('/') + 1);
    String directory = colon < 0 ? place : place.substring(0, colon);
    String tag = colon < 0 ? "" : place.substring(colon + 1);
    if (directory.isEmpty() || (colon >= 0 && tag.isEmpty())) {
      throw notAllowed(text);
    }
    return new Layout(Path.of(directory).toAbsolutePath().normalize(), tag);
  }

  private static ConvertException notAllowed(String text) {
    return new ConvertException(
        "\"%s\" is not allowed; allowed: docker://HOST/NAME[:TAG|@DIGEST] and oci:DIRECTORY[:TAG]"
            .formatted(text));
  }
}
