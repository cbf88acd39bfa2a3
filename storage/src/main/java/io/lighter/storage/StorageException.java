package io.lighter.storage;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can go wrong in a store. Sealed, so that a new kind does not compile until it is mapped. */
public abstract sealed class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The store does not have this blob. */
  public static final class BlobMissing extends StorageException {
    private static final long serialVersionUID = 1L;

    public BlobMissing(Digest digest) {
      super("blob unknown: " + digest, null);
    }
  }

  /**
   * The store had this blob, and its bytes are damaged. Storing the same content again heals it.
   */
  public static final class BlobDamaged extends StorageException {
    private static final long serialVersionUID = 1L;

    public BlobDamaged(Digest digest) {
      super("the stored bytes of blob %s are damaged; push it again".formatted(digest), null);
    }
  }

  /** There is no upload of this name. */
  public static final class UploadMissing extends StorageException {
    private static final long serialVersionUID = 1L;

    public UploadMissing(UploadId id) {
      super("upload unknown: " + id, null);
    }
  }

  /** A manifest, or what was converted, names content that its repository does not have. */
  public static final class ContentMissing extends StorageException {
    private static final long serialVersionUID = 1L;

    /** The content that is missing; not part of what is serialized. */
    private final transient @Nullable Digest missing;

    public ContentMissing(RepositoryName repository, Digest digest) {
      super(
          "the manifest names %s, which repository %s does not have; push it first"
              .formatted(digest, repository),
          null);
      missing = digest;
    }

    /** What is missing. */
    public Optional<Digest> missing() {
      return Optional.ofNullable(missing);
    }
  }

  /** Content that hashes to something else than it should. */
  public static final class DigestMismatch extends StorageException {
    private static final long serialVersionUID = 1L;

    public DigestMismatch(Digest expected, Digest actual) {
      super("content has digest %s, not %s".formatted(actual, expected), null);
    }
  }

  /** A blob cannot go while a manifest of the same repository names it. */
  public static final class BlobInUse extends StorageException {
    private static final long serialVersionUID = 1L;

    public BlobInUse(Digest blob, Digest manifest) {
      super("%s is named by manifest %s; delete that first".formatted(blob, manifest), null);
    }
  }

  /** A tag names something else than the change was made for. */
  public static final class TagChanged extends StorageException {
    private static final long serialVersionUID = 1L;

    public TagChanged(Tag tag, Optional<Digest> current) {
      super(
          current
              .map(digest -> "tag %s names %s".formatted(tag, digest))
              .orElseGet(() -> "there is no tag " + tag),
          null);
    }
  }

  /** The disk is full. Nothing that was acknowledged is affected. */
  public abstract static sealed class OutOfSpace extends StorageException {
    private static final long serialVersionUID = 1L;

    OutOfSpace(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The disk takes nothing any more. */
  public static final class DiskFull extends OutOfSpace {
    private static final long serialVersionUID = 1L;

    public DiskFull(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The disk would take it, but has as little free as shall stay free. */
  public static final class BelowFloor extends OutOfSpace {
    private static final long serialVersionUID = 1L;

    /** The message is for clients: it says what is free and what stays free. */
    public BelowFloor(String message) {
      super(message, null);
    }
  }

  /** Stored data that cannot be what was written. */
  public static final class Corrupt extends StorageException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The store cannot be opened by this version, is in use, or its disk fails. */
  public static final class Unavailable extends StorageException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
