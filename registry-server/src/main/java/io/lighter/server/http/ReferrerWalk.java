package io.lighter.server.http;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import io.lighter.storage.MetadataStore;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The referrers of a subject in order of their digests, each once: those that the registry knows,
 * and those that clients listed themselves in an index under the subject's fallback tag, because
 * their registry had no referrers API (OCI Distribution Specification, "Referrers Tag Schema").
 *
 * <p>The index is read once. Whether what it lists is there is looked up when its turn comes, so
 * that a page costs no more than its own entries. For one thread; blocking.
 */
final class ReferrerWalk implements Iterator<Descriptor> {
  private static final Comparator<Descriptor> BY_DIGEST =
      Comparator.comparing(referrer -> referrer.digest().toString());

  /** Few at a time, because their annotations may be as long as manifests are. */
  private static final int BATCH = 32;

  private final MetadataStore metadata;
  private final RepositoryName repository;
  private final Digest subject;
  private final Predicate<Descriptor> wanted;
  private final Queue<Descriptor> known = new ArrayDeque<>();
  private final Queue<Descriptor> listed;
  private String readUpTo;
  private boolean allRead;
  private @Nullable Descriptor next;

  /**
   * @param after only referrers whose digest is greater than this; empty text begins at the start
   * @param wanted those to walk along
   */
  ReferrerWalk(
      MetadataStore metadata,
      RepositoryName repository,
      Digest subject,
      String after,
      Predicate<Descriptor> wanted) {
    this.metadata = metadata;
    this.repository = repository;
    this.subject = subject;
    this.wanted = wanted;
    this.readUpTo = after;
    this.listed = new ArrayDeque<>(listed(after));
  }

  @Override
  public boolean hasNext() {
    while (next == null && (readAhead() || !listed.isEmpty())) {
      next = candidate();
    }
    return next != null;
  }

  @Override
  public Descriptor next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Descriptor referrer = next;
    next = null;
    return referrer;
  }

  /** The first of what is left, unless nobody wants it or it is not there. */
  private @Nullable Descriptor candidate() {
    Descriptor stored = known.peek();
    Descriptor named = listed.peek();
    int order = stored == null ? 1 : named == null ? -1 : BY_DIGEST.compare(stored, named);
    if (order >= 0) {
      listed.remove();
    }
    if (order <= 0 && stored != null) {
      known.remove();
      return wanted.test(stored) ? stored : null;
    }
    return named != null
            && wanted.test(named)
            && metadata.manifest(repository, named.digest()).isPresent()
        ? named
        : null;
  }

  private boolean readAhead() {
    if (known.isEmpty() && !allRead) {
      List<Descriptor> batch = metadata.referrers(repository, subject, readUpTo, BATCH);
      allRead = batch.size() < BATCH;
      known.addAll(batch);
      if (!batch.isEmpty()) {
        readUpTo = batch.getLast().digest().toString();
      }
    }
    return !known.isEmpty();
  }

  private Collection<Descriptor> listed(String after) {
    var sorted = new TreeMap<String, Descriptor>();
    metadata
        .tag(repository, Tag.listingReferrersOf(subject))
        .flatMap(tag -> metadata.manifest(repository, tag.digest()))
        .map(Manifest::view)
        .ifPresent(index ->
            index
                .manifests()
                .forEach(referrer -> sorted.putIfAbsent(referrer.digest().toString(), referrer)));
    return sorted.tailMap(after, false).values();
  }
}
