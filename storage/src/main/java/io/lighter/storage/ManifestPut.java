package io.lighter.storage;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.time.Instant;
import java.util.List;

/**
 * A manifest to store in a repository, with the tags that shall name it.
 *
 * @param repository the repository, created if it does not exist
 * @param kind kind of the repository if it is created
 * @param manifest the manifest
 * @param view what the manifest says; its children, its subject and its referrer descriptor are
 *     indexed
 * @param tags tags that name the manifest from now on
 * @param condition what must be true of each of the tags, or nothing is stored
 * @param at time of the change
 * @param advertised blobs that become readable through this repository because the manifest names
 *     them; empty where a blob must have been linked before, as in a hosted repository
 * @param complete whether the repository must have all that the manifest names: its blobs, and its
 *     children as manifests or blobs
 */
public record ManifestPut(
    RepositoryName repository,
    RepositoryKind kind,
    Manifest manifest,
    ManifestView view,
    List<Tag> tags,
    TagCondition condition,
    Instant at,
    List<Descriptor> advertised,
    boolean complete) {

  public ManifestPut {
    tags = List.copyOf(tags);
    advertised = List.copyOf(advertised);
  }
}
