package io.lighter.server.content;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobStore;
import io.lighter.storage.StorageException;
import io.lighter.storage.UploadId;
import io.lighter.storage.UploadRecord;
import io.lighter.storage.UploadStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uploads in progress: one writer at a time each, kept open between requests so that their hash
 * need not be computed again, closed when idle and resumed from disk when a client comes back, also
 * after a restart.
 *
 * <p>Thread-safe and blocking.
 */
public final class UploadSessions implements AutoCloseable {
  private final BlobStore blobs;
  private final UploadStore uploads;
  private final Clock clock;
  private final ConcurrentHashMap<UploadId, UploadSession> open = new ConcurrentHashMap<>();
  private final Cache<UploadId, Committed> committed =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofMinutes(10)).build();

  private final int max;
  private final AtomicInteger count;

  /**
   * The uploads that a store has.
   *
   * @param max most uploads that may be unfinished at once
   */
  public UploadSessions(BlobStore blobs, UploadStore uploads, Clock clock, int max) {
    this.blobs = blobs;
    this.uploads = uploads;
    this.clock = clock;
    this.max = max;
    this.count = new AtomicInteger(uploads.all().size());
  }

  /** Number of unfinished uploads. */
  public int count() {
    return count.get();
  }

  /**
   * Begins an upload into a repository and leases it to the caller.
   *
   * @throws TooManyUploadsException if as many are unfinished as may be
   */
  public UploadSession.Lease begin(RepositoryName repository) {
    if (count.incrementAndGet() > max) {
      count.decrementAndGet();
      throw new TooManyUploadsException(max);
    }
    try {
      return beginCounted(repository);
    } catch (RuntimeException e) {
      count.decrementAndGet();
      throw e;
    }
  }

  private UploadSession.Lease beginCounted(RepositoryName repository) {
    var id = UploadId.random();
    // The file before the record: a record without a file would be an upload that cannot resume.
    var session = new UploadSession(id, () -> blobs.resumeUpload(id));
    var lease = session.firstLease(blobs.newUpload(id));
    uploads.put(new UploadRecord(id, repository, clock.instant()));
    open.put(id, session);
    return lease;
  }

  /**
   * Leases an upload to the caller, who closes the lease.
   *
   * @throws StorageException.UploadMissing if the repository has no such upload
   * @throws UploadBusyException if another request holds it for longer than a few seconds
   */
  public UploadSession.Lease lease(RepositoryName repository, UploadId id) {
    while (true) {
      boolean known =
          uploads.find(id).filter(record -> record.repository().equals(repository)).isPresent();
      if (!known) {
        throw new StorageException.UploadMissing(id);
      }
      var session =
          open.computeIfAbsent(id, _ -> new UploadSession(id, () -> blobs.resumeUpload(id)));
      var lease = session.lease();
      if (lease.isPresent()) {
        return lease.get();
      }
      // It ended while this request waited for it: look again whether it still exists.
      open.remove(id, session);
    }
  }

  /** Ends an upload that became a blob, and remembers for some minutes which. */
  public void committed(UploadSession.Lease lease, RepositoryName repository, Digest digest) {
    committed.put(lease.id(), new Committed(repository, digest));
    end(lease);
  }

  /**
   * Whether this upload became this blob some minutes ago: the client that asks again has not seen
   * the answer. A restart forgets it; then the client finds the blob and no upload.
   */
  public boolean committed(RepositoryName repository, UploadId id, Digest digest) {
    return new Committed(repository, digest).equals(committed.getIfPresent(id));
  }

  /** Forgets an upload that was aborted through the lease. */
  public void end(UploadSession.Lease lease) {
    lease.end();
    forget(lease.id());
    open.remove(lease.id());
  }

  /** Closes the files of uploads that nobody has used for some time; they can be resumed. */
  public void closeIdle(Duration idle) {
    Instant before = clock.instant().minus(idle);
    open.forEach((id, session) -> {
      if (session.closeIfIdleSince(before, clock.instant())) {
        open.remove(id, session);
      }
    });
  }

  /** Removes uploads that were begun longer ago than this and are not being written. */
  public void expire(Duration age) {
    Instant before = clock.instant().minus(age);
    for (UploadRecord record : uploads.all()) {
      if (record.startedAt().isBefore(before) && !open.containsKey(record.id())) {
        forget(record.id());
        blobs.deleteUpload(record.id());
      }
    }
  }

  private void forget(UploadId id) {
    if (uploads.remove(id)) {
      count.decrementAndGet();
    }
  }

  @Override
  public void close() {
    open.values().forEach(UploadSession::close);
    open.clear();
  }

  private record Committed(RepositoryName repository, Digest digest) {}
}
