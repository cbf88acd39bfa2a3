package io.lighter.storage;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What repositories hold: links to blobs, manifests, tags and referrers. Each method is one atomic
 * operation of the domain; a change is durable when its method returns and visible to every call
 * that starts after that.
 *
 * <p>Thread-safe and blocking.
 */
public interface MetadataStore {

  /** The repository's kind, if the repository exists. */
  Optional<RepositoryKind> repository(RepositoryName repository);

  /**
   * Names of repositories in byte-wise order.
   *
   * @param after only names greater than this; it need not exist; empty text begins at the start
   * @param limit at most this many, at least 1
   */
  List<RepositoryName> repositories(String after, int limit);

  /**
   * Makes a blob readable through a repository, which is created if it does not exist.
   *
   * @param blob the blob; its bytes are durable unless the repository is mirrored
   * @throws StorageException.BlobMissing if the repository is hosted and the bytes are not here
   */
  void linkBlob(RepositoryName repository, RepositoryKind kind, BlobInfo blob);

  /**
   * Makes a blob that is readable through one hosted repository readable through another, which is
   * created if it does not exist.
   *
   * @param from the repository that has it; empty for any hosted one
   * @return the blob; empty if there is no such repository, or it does not have the blob
   */
  Optional<BlobInfo> mountBlob(
      RepositoryName repository, Digest digest, Optional<RepositoryName> from);

  /**
   * The blob if it is readable through this repository. In a mirrored repository it may have been
   * advertised by a manifest only, its bytes not being here yet.
   */
  Optional<BlobInfo> linkedBlob(RepositoryName repository, Digest digest);

  /**
   * Bytes that were pushed to the hosted repositories of a namespace: blobs that they link, each
   * once, without what was converted here.
   *
   * @param namespace see {@link RepositoryName#namespace}
   */
  long pushedBytes(String namespace);

  /**
   * The namespaces that something was pushed to, by name.
   *
   * @param after only those whose name is greater; empty for all
   * @param limit at most this many
   */
  List<NamespaceBytes> pushedBytes(String after, int limit);

  /** Whether the namespace has a blob already, so that to push it again takes nothing more. */
  boolean isPushed(String namespace, Digest digest);

  /**
   * Some hosted repository through which a blob is readable; empty if there is none. What mirrored
   * repositories hold belongs to their upstreams and is not found here.
   */
  Optional<RepositoryName> hostedHolder(Digest digest);

  /**
   * Ends a blob's readability through a repository; false if it was not linked.
   *
   * @throws StorageException.BlobInUse if a manifest of the repository names it
   */
  boolean unlinkBlob(RepositoryName repository, Digest digest);

  /**
   * Stores a manifest, points the tags at it and indexes it as child, parent and referrer, all at
   * once. Storing the same manifest again only moves the tags.
   *
   * @throws StorageException.ContentMissing if the manifest must be complete and is not
   * @throws StorageException.TagChanged if the condition does not allow one of the tags to move
   */
  void putManifest(ManifestPut put);

  /** The manifest, if the repository has it. */
  Optional<Manifest> manifest(RepositoryName repository, Digest digest);

  /**
   * Removes a manifest from a repository with every tag that names it and its entry as a referrer;
   * false if the repository does not have it.
   */
  boolean deleteManifest(RepositoryName repository, Digest digest);

  /**
   * Manifests of the repository that name this content as a child, a layer or their configuration,
   * in order of their digests.
   */
  List<Digest> parents(RepositoryName repository, Digest child);

  /** What the tag names, if the repository has it. */
  Optional<TagRecord> tag(RepositoryName repository, Tag tag);

  /**
   * Tags of a repository in byte-wise order.
   *
   * @param after only tags greater than this; it need not exist; empty text begins at the start
   * @param limit at most this many, at least 1
   */
  List<Tag> tags(RepositoryName repository, String after, int limit);

  /** Whether any tag of the repository names this manifest. */
  boolean isTagged(RepositoryName repository, Digest manifest);

  /**
   * Notes that upstream confirmed what the tag names; without effect if the tag names something
   * else by now.
   */
  void confirmTag(RepositoryName repository, Tag tag, Digest manifest, Instant at);

  /**
   * Removes a tag and nothing else; false if the repository does not have it.
   *
   * @param condition what must be true of the tag, if it exists
   * @throws StorageException.TagChanged if the condition does not allow it to be removed
   */
  boolean deleteTag(RepositoryName repository, Tag tag, TagCondition condition);

  /**
   * Descriptors of the manifests in the repository whose subject is {@code subject}, in order of
   * their digests, as the referrers API lists them.
   *
   * @param after only referrers whose digest is greater than this; empty text begins at the start
   * @param limit at most this many, at least 1
   */
  List<Descriptor> referrers(RepositoryName repository, Digest subject, String after, int limit);
}
