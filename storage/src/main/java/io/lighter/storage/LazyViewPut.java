package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.util.List;

/**
 * The lazy view of an image, to be published at once.
 *
 * @param repository repository of the image
 * @param original the manifest or index that tags name
 * @param lazy its converted counterpart, the last of {@code manifests}
 * @param manifests converted manifests, children before their index
 */
public record LazyViewPut(
    RepositoryName repository, Digest original, Digest lazy, List<ManifestPut> manifests) {

  public LazyViewPut {
    manifests = List.copyOf(manifests);
  }
}
