package io.lighter.storage.gc;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.UploadId;

/** Something that can go, because nothing keeps it. */
public sealed interface Garbage {

  /** Size in bytes, of the thing itself. */
  long bytes();

  /** Whether {@link #bytes} are freed on the disk when it is removed. */
  default boolean frees() {
    return false;
  }

  /** Why it can go. */
  String reason();

  /** A manifest of a repository. */
  record Manifest(RepositoryName repository, Digest digest, long bytes) implements Garbage {
    @Override
    public String reason() {
      return "no tag, index, subject, lazy view, job or recent use keeps it";
    }
  }

  /** The readability of a blob through a repository. */
  record Link(RepositoryName repository, Digest digest, long bytes) implements Garbage {
    @Override
    public String reason() {
      return "no manifest of the repository names it, and nobody used it lately";
    }
  }

  /** The note that an image has a lazy view, which is gone. */
  record LazyView(RepositoryName repository, Digest original) implements Garbage {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public String reason() {
      return "the converted manifest is gone";
    }
  }

  /** What became of a layer under a recipe. */
  record Conversion(Digest source, String recipe) implements Garbage {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public String reason() {
      return "no repository has the layer that was converted, or none what became of it";
    }
  }

  /** A blob with its bytes. */
  record Blob(Digest digest, long bytes) implements Garbage {
    @Override
    public boolean frees() {
      return true;
    }

    @Override
    public String reason() {
      return "no repository links it, no conversion resulted in it, and it was not stored lately";
    }
  }

  /** Bytes that the index does not know: what a crash left. */
  record UnknownFile(Digest digest, long bytes) implements Garbage {
    @Override
    public boolean frees() {
      return true;
    }

    @Override
    public String reason() {
      return "the index does not list it";
    }
  }

  /** What an upload received that nobody can continue. */
  record UnknownUpload(UploadId id, long bytes) implements Garbage {
    @Override
    public boolean frees() {
      return true;
    }

    @Override
    public String reason() {
      return "no upload of this name is open";
    }
  }
}
