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
 * those that the upstream of a mirrored repository lists, and those that clients listed themselves
 * in an index under the subject's fallback tag, because their registry had no referrers API (OCI
 * Distribution Specification, "Referrers Tag Schema").
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
  private final Queue<Listed> listed;
  private String readUpTo;
  private boolean allRead;
  private @Nullable Descriptor next;

  /**
   * A referrer that the registry does not know by itself.
   *
   * @param sure whether it is somewhere to be had, so that it need not be looked up
   */
  private record Listed(Descriptor referrer, boolean sure) {}

  /**
   * @param upstream what the upstream of a mirrored repository lists
   * @param after only referrers whose digest is greater than this; empty text begins at the start
   * @param wanted those to walk along
   */
  ReferrerWalk(
      MetadataStore metadata,
      RepositoryName repository,
      Digest subject,
      List<Descriptor> upstream,
      String after,
      Predicate<Descriptor> wanted) {
    this.metadata = metadata;
    this.repository = repository;
    this.subject = subject;
    this.wanted = wanted;
    this.readUpTo = after;
    this.listed = new ArrayDeque<>(listed(upstream, after));
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
    Listed named = listed.peek();
    int order =
        stored == null ? 1 : named == null ? -1 : BY_DIGEST.compare(stored, named.referrer());
    if (order >= 0) {
      listed.remove();
    }
    if (order <= 0 && stored != null) {
      known.remove();
      return wanted.test(stored) ? stored : null;
    }
    return named != null && wanted.test(named.referrer()) && isThere(named)
        ? named.referrer()
        : null;
  }

  private boolean isThere(Listed named) {
    return named.sure() || metadata.manifest(repository, named.referrer().digest()).isPresent();
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

  private Collection<Listed> listed(List<Descriptor> upstream, String after) {
    var sorted = new TreeMap<String, Listed>();
    upstream.forEach(
        referrer -> sorted.put(referrer.digest().toString(), new Listed(referrer, true)));
    metadata
        .tag(repository, Tag.listingReferrersOf(subject))
        .flatMap(tag -> metadata.manifest(repository, tag.digest()))
        .map(Manifest::view)
        .ifPresent(index ->
            index
                .manifests()
                .forEach(referrer ->
                    sorted.putIfAbsent(referrer.digest().toString(), new Listed(referrer, false))));
    return sorted.tailMap(after, false).values();
  }
}
