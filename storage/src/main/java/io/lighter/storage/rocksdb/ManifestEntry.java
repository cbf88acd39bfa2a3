package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a repository knows of a manifest beside its bytes. Subject and content are kept so that a
 * deletion finds every index entry of the manifest without reading its bytes again, which a later
 * version may parse differently.
 *
 * @param mediaType what the manifest is served as
 * @param subject the manifest that this one refers to
 * @param content what it names: children of an index, configuration and layers of an image
 */
record ManifestEntry(String mediaType, Optional<Digest> subject, List<Digest> content) {

  ManifestEntry {
    content = List.copyOf(content);
  }

  static ManifestEntry of(String mediaType, ManifestView view) {
    return new ManifestEntry(
        mediaType,
        view.subject().map(subject -> subject.digest()),
        Stream.of(view.config().stream(), view.layers().stream(), view.manifests().stream())
            .flatMap(named -> named)
            .map(Descriptor::digest)
            .distinct()
            .toList());
  }
}
