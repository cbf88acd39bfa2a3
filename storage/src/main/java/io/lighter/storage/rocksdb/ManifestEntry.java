package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import java.util.List;
import java.util.Optional;

/**
 * What a repository knows of a manifest beside its bytes. Subject and children are kept so that a
 * deletion finds every index entry of the manifest without reading its bytes again, which a later
 * version may parse differently.
 *
 * @param mediaType what the manifest is served as
 * @param subject the manifest that this one refers to
 * @param children what an index names
 */
record ManifestEntry(String mediaType, Optional<Digest> subject, List<Digest> children) {

  ManifestEntry {
    children = List.copyOf(children);
  }

  static ManifestEntry of(String mediaType, ManifestView view) {
    return new ManifestEntry(
        mediaType,
        view.subject().map(subject -> subject.digest()),
        view.manifests().stream().map(child -> child.digest()).distinct().toList());
  }
}
