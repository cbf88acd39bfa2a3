package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.server.limit.Places;
import io.lighter.server.limit.Requester;
import io.lighter.server.trace.CurrentSpan;
import io.lighter.server.trace.Span;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobStore;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The downloads under way, one per digest however many repositories and clients want it.
 *
 * <p>Thread-safe. A download leaves the table only after its blob is in the store, and the store is
 * asked under the table's lock, so that no blob is downloaded twice because somebody looked at the
 * wrong moment.
 */
public final class FetchTable implements AutoCloseable {
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  /** Whoever would begin a download too many waits so long for the end of another one. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private record Running(BlobFetch fetch, Thread thread) {}

  private final BlobStore store;
  private final UpstreamObserver observer;
  private final Places places;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Digest, Running> running = new HashMap<>(); // guarded by lock
  private final Map<URI, UpstreamTraffic> traffic = new HashMap<>(); // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * No downloads yet.
   *
   * @param places of downloads; each has one until it ends
   */
  public FetchTable(BlobStore store, UpstreamObserver observer, Places places) {
    this.store = store;
    this.observer = observer;
    this.places = places;
  }

  /** Number of downloads under way, those that wait for a connection included. */
  public int size() {
    return locked(running::size);
  }

  /**
   * The download of a blob: the one under way, or a new one.
   *
   * @param repository whom to ask if there is none under way
   * @param size of the blob, as a manifest or upstream states it
   * @return empty if the store has the blob
   * @throws io.lighter.server.limit.LimitException if that would be one download too many
   */
  Optional<BlobFetch> join(MirroredRepository repository, Digest digest, long size) {
    Optional<BlobFetch> underWay = locked(() -> underWay(repository, digest));
    if (underWay.isPresent() || store.stat(digest).isPresent()) {
      return underWay;
    }
    Places.Place place = places.take(Requester.current(), PATIENCE);
    try {
      return locked(
          () -> underWay(repository, digest).or(() -> begin(repository, digest, size, place)));
    } finally {
      // Without effect if a download has begun: that keeps it.
      place.closeUnlessKept();
    }
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock. */
  private Optional<BlobFetch> underWay(MirroredRepository repository, Digest digest) {
    Running current = running.get(digest);
    if (current == null || current.fetch().ended()) {
      return Optional.empty();
    }
    current.fetch().join(repository);
    observer.joined(repository.upstream().name());
    return Optional.of(current.fetch());
  }

  /** Under the lock. */
  private Optional<BlobFetch> begin(
      MirroredRepository repository, Digest digest, long size, Places.Place place) {
    if (store.stat(digest).isPresent()) {
      return Optional.empty();
    }
    if (closed) {
      throw new UpstreamException.Unreachable("shutting down; no download is begun", null);
    }
    Running previous = running.get(digest);
    var fetch = new BlobFetch(repository, digest, size, store, traffic(repository), observer);
    Thread thread =
        Thread.ofVirtual()
            .name("fetch-" + digest.hex())
            .unstarted(
                CurrentSpan.carrying(() -> {
                  try (place) {
                    CurrentSpan.runPart(
                        "fill",
                        span -> describe(span, repository, digest, size),
                        () -> run(digest, fetch, previous));
                  }
                }));
    running.put(digest, new Running(fetch, thread));
    place.keep();
    thread.start();
    return Optional.of(fetch);
  }

  private static void describe(Span fill, MirroredRepository repository, Digest digest, long size) {
    fill.set("lighter.upstream", repository.upstream().name());
    fill.set("lighter.repository", repository.toString());
    fill.set("lighter.blob", digest.toString());
    fill.set("lighter.blob.size", size);
  }

  /** Somebody has asked for an image of this repository, and may be about to start it. */
  void startExpected(MirroredRepository repository) {
    locked(() -> traffic(repository)).range();
  }

  /** By where the upstream is: another place may answer ranges otherwise. */
  private UpstreamTraffic traffic(MirroredRepository repository) {
    return traffic.computeIfAbsent(
        repository.upstream().settings().endpoint(), _ -> new UpstreamTraffic());
  }

  /**
   * Stops every download; whoever waits for one fails. Returns when they have let go of the store.
   */
  @Override
  public void close() {
    List<Running> left;
    lock.lock();
    try {
      closed = true;
      left = new ArrayList<>(running.values());
    } finally {
      lock.unlock();
    }
    left.forEach(each -> each.fetch().stop());
    try {
      for (Running each : left) {
        each.thread().join(STOP_WAIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Digest digest, BlobFetch fetch, @Nullable Running previous) {
    try {
      if (previous != null) {
        previous.thread().join(); // It has failed, but may still hold what it had got.
      }
      fetch.run();
    } catch (InterruptedException _) {
      fetch.stop();
    } finally {
      lock.lock();
      try {
        // One that ended may have been replaced already.
        Running current = running.get(digest);
        if (current != null && current.fetch() == fetch) {
          running.remove(digest);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
