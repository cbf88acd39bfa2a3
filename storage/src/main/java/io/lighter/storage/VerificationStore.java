package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import java.util.List;
import java.util.Optional;

/**
 * What a verification of the store needs to see of the metadata, and what it notes there.
 *
 * <p>Thread-safe and blocking; changes are durable when they return.
 */
public interface VerificationStore {

  /**
   * Indexed blobs in order of their digests.
   *
   * @param after only digests greater than this text; it need not exist; empty begins at the start
   * @param limit at most this many, at least 1
   */
  List<BlobInfo> blobs(String after, int limit);

  /**
   * Blobs that were found damaged and have not come again since. One that no repository links any
   * more is none: that it was damaged is forgotten.
   */
  List<BlobInfo> damagedBlobs();

  /** Digests of manifests whose bytes are stored; the parameters are those of {@link #blobs}. */
  List<Digest> manifests(String after, int limit);

  /** The bytes that are stored for a manifest, as they are. */
  Optional<byte[]> manifestBytes(Digest manifest);

  /**
   * Forgets the bytes of a manifest. A mirrored repository forgets the manifest with them, so that
   * the next who asks for it has it pulled again; in a hosted one it stays a manifest whose bytes
   * are missing, until it is pushed again.
   */
  void forgetManifestBytes(Digest manifest);

  /**
   * Names of a hosted repository whose content is missing: links to blobs that are not indexed and
   * are not known as damaged, tags of manifests that are not there, manifests without bytes. None
   * in a mirrored repository, which may name what it has not pulled yet. What is changed meanwhile
   * is not taken for dangling.
   */
  List<Dangling> dangling(RepositoryName repository);

  /**
   * Lazy views for whose making a blob was stored: the converted manifests name it, and the
   * original ones do not.
   */
  List<LazyView> madeWith(Digest blob);

  /** Forgets that layers were converted into this blob; false if none was. */
  boolean forgetConversionsInto(Digest blob);

  /** Forgets a lazy view, so that the image can be converted again. */
  void forget(LazyView view);

  /** The verification that was begun last, if there ever was one. */
  Optional<VerificationPass> lastPass();

  /** Notes how far a verification has come. */
  void note(VerificationPass pass);

  /**
   * An image that has a converted counterpart.
   *
   * @param repository where it is
   * @param original digest of the image
   */
  record LazyView(RepositoryName repository, Digest original) {}
}
