package io.lighter.storage.rocksdb;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.NamespaceBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many bytes were pushed to each namespace, kept in step with the links of its hosted
 * repositories in the same change: exact after any crash, and known without a walk over anything. A
 * blob counts once for a namespace, however many of its repositories have it; what was converted
 * here does not.
 */
final class NamespaceUse {
  private final Changes changes;

  NamespaceUse(Changes changes) {
    this.changes = changes;
  }

  /** A hosted repository links a blob that it did not link before. */
  void linked(RepositoryName repository, Digest digest, long size) {
    byte[] counted = Keys.namespaceBlob(repository.namespace(), digest);
    if (!changes.has(Family.NAMESPACE_USE, counted)
        && !changes.has(Family.CONVERTED, Keys.converted(digest))) {
      changes.put(Family.NAMESPACE_USE, counted, Records.size(size));
      add(repository, size);
    }
  }

  /** A hosted repository does not link a blob any more. */
  void unlinked(RepositoryName repository, Digest digest) {
    byte[] counted = Keys.namespaceBlob(repository.namespace(), digest);
    Optional<byte[]> size = changes.get(Family.NAMESPACE_USE, counted);
    if (size.isPresent() && !isHeld(repository.namespace(), digest)) {
      changes.delete(Family.NAMESPACE_USE, counted);
      add(repository, -Records.size(size.get()));
    }
  }

  private boolean isHeld(String namespace, Digest digest) {
    return changes.has(Family.HOLDERS, Keys.holder(digest, new RepositoryName(namespace)))
        || changes.any(Family.HOLDERS, Keys.holdersWithin(digest, namespace));
  }

  private void add(RepositoryName repository, long bytes) {
    byte[] key = Keys.namespace(repository.namespace());
    long before = bytes(changes, repository.namespace());
    changes.put(Family.NAMESPACE_USE, key, Records.size(before + bytes));
  }

  /** Bytes that were pushed to a namespace. */
  static long bytes(View view, String namespace) {
    return view.get(Family.NAMESPACE_USE, Keys.namespace(namespace)).map(Records::size).orElse(0L);
  }

  /** The sums of all namespaces behind a name. */
  static List<NamespaceBytes> all(View view, String after, int limit) {
    var sums = new ArrayList<NamespaceBytes>();
    byte[] from = after.isEmpty() ? Keys.all() : Keys.behindNamespace(after);
    while (sums.size() < limit) {
      List<View.Entry> next = view.scan(Family.NAMESPACE_USE, Keys.all(), from, 1);
      if (next.isEmpty()) {
        break;
      }
      // The sum stands in front of the blobs that it is of, which are stepped over.
      String namespace = Keys.repositoryOf(next.getFirst().key()).value();
      sums.add(new NamespaceBytes(namespace, bytes(view, namespace)));
      from = Keys.behindNamespace(namespace);
    }
    return sums;
  }

  /** Counts what a store has that did not count it yet. */
  void countAll() {
    Pages.forEach(
        changes,
        Family.HOLDERS,
        Keys.all(),
        entry -> {
          Digest digest = Keys.leadingDigest(entry.key());
          byte[] holders = Keys.holders(digest);
          var repository = new RepositoryName(Keys.textAfter(holders, entry.key()));
          changes
              .get(Family.LINKS, Keys.link(repository, digest))
              .ifPresent(size -> linked(repository, digest, Records.size(size)));
        });
    changes.put(Family.USE, Keys.namespacesCounted(), Records.EMPTY);
  }
}
