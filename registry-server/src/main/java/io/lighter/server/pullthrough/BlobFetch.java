package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.server.pullthrough.ArrivingBlob.Work;
import io.lighter.server.trace.CurrentSpan;
import io.lighter.server.upstream.Backoff;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.StorageException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The fetching of one blob, from the first byte that somebody wants to the commit. One thread
 * decides what is asked for next, and starts another one for each request.
 *
 * <p>Bytes that somebody waits for are asked for at once and by themselves. The rest is filled in
 * beside that if somebody waits for the whole blob, and otherwise when no container seems to be
 * starting from that upstream. It goes on when every reader has left, because the next one will
 * want the blob too, and continues where it was when a connection breaks or Lighter was restarted.
 */
final class BlobFetch {

  /** Requests for wanted bytes at a time. */
  private static final int RANGES = 4;

  /**
   * So often in a row, and for so long, may connections break without bringing {@link #PROGRESS}: a
   * client whose body has begun loses everything by a failure, and by a short wait nothing.
   */
  private static final int RESUMES = 3;

  private static final long PATIENCE = Duration.ofSeconds(10).toNanos();

  private static final long PROGRESS = 1024 * 1024;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(250));

  private final Digest digest;
  private final long size;
  private final BlobStore store;
  private final Network network;
  private final UpstreamTraffic traffic;
  private final UpstreamObserver observer;
  private final ArrivingBlob blob;

  /** Where to ask: the first one, until that does not have the blob. */
  private final CopyOnWriteArrayList<MirroredRepository> origins = new CopyOnWriteArrayList<>();

  private final Set<Thread> requests = ConcurrentHashMap.newKeySet();
  private final AtomicInteger ranges = new AtomicInteger();
  private final AtomicInteger fills = new AtomicInteger();

  private final Object failures = new Object();
  private int inARow; // guarded by failures
  private long firstInARow; // when that was; guarded by failures
  private long progress; // since the last failure; guarded by failures
  private boolean answered; // guarded by failures
  private long restUntil = System.nanoTime(); // guarded by failures
  private volatile boolean rangesIgnored;

  /**
   * @param size of the blob, as a manifest or upstream states it
   */
  BlobFetch(
      MirroredRepository repository,
      Digest digest,
      long size,
      BlobStore store,
      UpstreamTraffic traffic,
      UpstreamObserver observer) {
    this.origins.add(repository);
    this.digest = digest;
    this.size = size;
    this.store = store;
    this.network = repository.upstream().settings().network();
    this.traffic = traffic;
    this.observer = observer;
    this.blob =
        new ArrivingBlob(
            "blob %s of %s".formatted(digest, repository), size, network.fill(), traffic::range);
  }

  /** Somebody wants the blob out of this repository too; it may have it when another has not. */
  void join(MirroredRepository repository) {
    origins.addIfAbsent(repository);
  }

  /** See {@link ArrivingBlob#open}. */
  Optional<BlobSource.Growing> open() {
    return blob.open();
  }

  /** See {@link ArrivingBlob#await}. */
  BlobInfo await() {
    return blob.await();
  }

  /** Whether it is over: nothing can be gained by joining it. */
  boolean ended() {
    return blob.ended();
  }

  /** Fetches the blob. Called once; ends when the blob is complete or given up. */
  void run() {
    if (size == 0) {
      commitEmpty();
      return;
    }
    boolean complete = false;
    try (var partial = store.openPartial(digest, size)) {
      try {
        blob.begin(partial);
        complete = fetch(partial);
      } catch (RuntimeException e) {
        blob.fail(e);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        stop();
        stopRequests();
      }
    } catch (RuntimeException e) {
      blob.fail(e); // Without effect if it is complete: it is only the file that was not closed.
    } finally {
      observer.fetched(origin().upstream().name(), complete);
      if (!complete) {
        CurrentSpan.get().ifPresent(span -> span.failed("the download was given up"));
      }
    }
  }

  /** Has it end soon, whatever it has got; without effect if it has ended. */
  void stop() {
    blob.fail(
        new UpstreamException.Unreachable("download of %s was stopped".formatted(digest), null));
  }

  /** There is nothing to ask for. */
  private void commitEmpty() {
    try (var writer = store.newWriter()) {
      complete(writer.commit(digest));
    } catch (StorageException.DigestMismatch e) {
      blob.fail(new UpstreamException.Invalid("%s is not empty".formatted(digest), e));
    } catch (RuntimeException e) {
      blob.fail(e);
    }
  }

  private boolean fetch(PartialBlob partial) throws InterruptedException {
    var capacity = new Capacity();
    while (true) {
      Work work = blob.next(capacity);
      switch (work) {
        case RANGE -> start(work, ranges);
        case DOWNLOAD, BACKGROUND -> start(work, fills);
        case COMMIT -> {
          commit(partial);
          return true;
        }
        case END -> {
          return false;
        }
      }
    }
  }

  private void start(Work work, AtomicInteger count) {
    count.incrementAndGet();
    var request = new BlobRequest(this, blob, work);
    Thread thread =
        Thread.ofVirtual()
            .name("fetch-%s-%s".formatted(digest.hex(), work))
            .unstarted(
                CurrentSpan.carrying(() -> {
                  try {
                    request.run();
                  } finally {
                    requests.remove(Thread.currentThread());
                    count.decrementAndGet();
                    blob.wake();
                  }
                }));
    requests.add(thread);
    thread.start();
  }

  /** Waits for all requests to let go of the partial blob. */
  private void stopRequests() {
    boolean interrupted = Thread.interrupted();
    for (Thread request : requests) {
      request.interrupt();
      while (request.isAlive()) {
        try {
          request.join();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void commit(PartialBlob partial) {
    try {
      complete(partial.commit());
    } catch (StorageException.DigestMismatch e) {
      throw new UpstreamException.Invalid(
          "%s sent something else: %s".formatted(origin(), e.getMessage()), e);
    }
  }

  private void complete(BlobInfo info) {
    blob.complete(info, store.open(digest));
  }

  Digest digest() {
    return digest;
  }

  long size() {
    return size;
  }

  MirroredRepository origin() {
    return origins.getFirst();
  }

  UpstreamTraffic traffic() {
    return traffic;
  }

  /** Whether upstream sends the whole blob whatever range is asked for. */
  boolean rangesIgnored() {
    return rangesIgnored;
  }

  /** Upstream sends the whole blob whatever range is asked for. */
  void ignoresRanges() {
    rangesIgnored = true;
  }

  /** Upstream has begun to answer. */
  void answered() {
    synchronized (failures) {
      answered = true;
    }
  }

  /** Bytes have come from upstream. */
  void received(long bytes) {
    observer.received(origin().upstream().name(), bytes);
    synchronized (failures) {
      progress += bytes;
      if (progress >= PROGRESS) {
        inARow = 0;
      }
    }
  }

  /** A connection broke: that may happen to a long download, but not time and again. */
  void broke(Exception cause) {
    synchronized (failures) {
      long now = System.nanoTime();
      firstInARow = inARow == 0 ? now : firstInARow;
      inARow++;
      progress = 0;
      if (answered && (inARow <= RESUMES || now - firstInARow < PATIENCE)) {
        restUntil = now + BACKOFF.delay(inARow).toNanos();
        return;
      }
    }
    blob.fail(
        cause instanceof UpstreamException failure
            ? failure
            : new UpstreamException.Unreachable(
                "download of %s from %s broke off: %s"
                    .formatted(digest, origin(), cause.getMessage()),
                cause));
  }

  /** An origin does not give the blob; another one may. Several requests may learn it of one. */
  void refused(MirroredRepository origin, UpstreamException cause) {
    synchronized (failures) {
      if (!origins.getFirst().equals(origin)) {
        return;
      }
      if (origins.size() > 1) {
        origins.removeFirst();
        return;
      }
    }
    // What was converted here and is damaged now was never upstream, which is not to be blamed.
    blob.fail(store.isDamaged(digest) ? new StorageException.BlobDamaged(digest) : cause);
  }

  /** It cannot be had, or not be stored. */
  void failed(RuntimeException cause) {
    blob.fail(cause);
  }

  private final class Capacity implements ArrivingBlob.Capacity {
    @Override
    public boolean range() {
      return ranges.get() < RANGES && mayAsk() && nanosOfRest() <= 0;
    }

    @Override
    public long nanosUntilFill(Work kind) {
      if (fills.get() >= (kind == Work.BACKGROUND ? 1 : network.connectionsPerBlob())
          || !mayAsk()) {
        return Duration.ofDays(1).toNanos();
      }
      long quiet = kind == Work.BACKGROUND ? traffic.nanosUntilQuiet() : 0;
      return Math.max(quiet, nanosOfRest());
    }

    /** Until upstream is known to answer ranges there is one request at a time. */
    private boolean mayAsk() {
      return ranges.get() + fills.get() == 0 || (traffic.answersRanges() && !rangesIgnored);
    }

    private long nanosOfRest() {
      synchronized (failures) {
        return restUntil - System.nanoTime();
      }
    }
  }
}
