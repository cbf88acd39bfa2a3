package io.lighter.storage.rocksdb;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.ManifestView;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a repository knows of a manifest beside its bytes. Subject, children and blobs are kept so
 * that a deletion finds every index entry of the manifest without reading its bytes again, which a
 * later version may parse differently.
 *
 * @param mediaType what the manifest is served as
 * @param subject the manifest that this one refers to
 * @param children what an index names
 * @param blobs what an image manifest names: its configuration and its layers
 */
record ManifestEntry(
    String mediaType, Optional<Digest> subject, List<Digest> children, List<Digest> blobs) {

  ManifestEntry {
    children = List.copyOf(children);
    blobs = List.copyOf(blobs);
  }

  private static List<Digest> digests(Stream<Descriptor> descriptors) {
    return descriptors.map(Descriptor::digest).distinct().toList();
  }

  static ManifestEntry of(String mediaType, ManifestView view) {
    return new ManifestEntry(
        mediaType,
        view.subject().map(subject -> subject.digest()),
        digests(view.manifests().stream()),
        digests(Stream.concat(view.config().stream(), view.layers().stream())));
  }
}
