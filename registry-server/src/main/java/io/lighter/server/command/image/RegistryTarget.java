package io.lighter.server.command.image;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.server.upstream.RegistryPush;
import java.nio.file.Path;
import java.util.Optional;

/** An image in a registry, whose tag is put last. */
final class RegistryTarget implements ImageTarget {
  private final ImageLocation.Registry location;
  private final RegistryPush registry;
  private final Optional<RepositoryName> sibling;

  /**
   * A target.
   *
   * @param sibling repository of the same registry that may have blobs of the image
   */
  RegistryTarget(
      ImageLocation.Registry location, RegistryPush registry, Optional<RepositoryName> sibling) {
    this.location = location;
    this.registry = registry;
    this.sibling = sibling;
  }

  @Override
  public boolean has(Digest blob) {
    return registry.has(location.repository(), blob)
        || (sibling.isPresent() && registry.mount(location.repository(), blob, sibling.get()));
  }

  @Override
  public void blob(Digest digest, Path content) {
    registry.blob(location.repository(), digest, content);
  }

  @Override
  public void manifest(Manifest manifest) {
    registry.manifest(location.repository(), manifest, manifest.digest());
  }

  @Override
  public void finish(Manifest root) {
    if (location.reference() instanceof Digest digest) {
      if (!digest.equals(root.digest())) {
        throw new ConvertException(
            "the result is %s and cannot be put as %s; name a tag"
                .formatted(root.digest(), digest));
      }
      return;
    }
    registry.manifest(location.repository(), root, location.reference());
  }

  @Override
  public void close() {
    registry.close();
  }
}
