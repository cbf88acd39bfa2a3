package io.lighter.server.content;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.RepositoryKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The content of one repository, wherever it comes from. Thread-safe and blocking; content that
 * does not exist is empty, content that cannot be had now is an exception of the layer that failed.
 */
public interface RepositoryContent {

  /** Name under which the content is stored here. */
  RepositoryName name();

  /** Whether the content is pushed here or pulled through. */
  RepositoryKind kind();

  /** Reference host that the content is mirrored from, for the {@code OCI-Namespace} header. */
  Optional<String> namespace();

  /** Whether nothing should be pulled into it now that nobody waits for. */
  boolean isShortOfPulls();

  /** What the tag names: always the original manifest. */
  Optional<ResolvedTag> tag(Tag tag);

  /**
   * Has upstream asked about a tag at the next request for it, however lately it was confirmed.
   *
   * @return false if the tag is not known here, or there is no upstream
   */
  boolean confirmAgain(Tag tag);

  /**
   * A page of tags in byte-wise order; empty if the repository does not exist.
   *
   * @param after only tags greater than this; it need not exist; empty text begins at the start
   * @param limit at most this many, at least 1
   */
  Optional<Listing<Tag>> tags(String after, int limit);

  /** What refers to a manifest beside what is stored under this repository, by digest. */
  Listing<Descriptor> upstreamReferrers(Digest subject);

  /** The manifest with this digest. */
  Optional<Manifest> manifest(Digest digest);

  /** Size of a blob, without fetching it. */
  Optional<BlobInfo> blob(Digest digest);

  /** Opens a blob; one that is not here yet begins to arrive. The caller closes the source. */
  Optional<BlobSource> open(Digest digest);

  /** Waits until a blob is complete in the store; false if the repository does not have it. */
  boolean fetch(Digest digest);

  /**
   * What a tag names.
   *
   * @param digest the original manifest
   * @param warning for the client, if upstream did not confirm it, so that it is the last known one
   * @param holds for how long the same may be said again unless something is changed here; zero if
   *     the next one who asks has to be told anew
   */
  record ResolvedTag(Digest digest, Optional<String> warning, Duration holds) {}

  /**
   * A list, or a page of one.
   *
   * @param entries in order
   * @param warning for the client, if upstream did not confirm the list
   */
  record Listing<E>(List<E> entries, Optional<String> warning) {
    public Listing {
      entries = List.copyOf(entries);
    }

    /** A list that no upstream has a part in. */
    public static <E> Listing<E> of(List<E> entries) {
      return new Listing<>(entries, Optional.empty());
    }
  }
}
