package io.lighter.server.verify;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobQuarantine;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.Throttle;
import io.lighter.storage.VerificationPass;
import io.lighter.storage.VerificationPass.Phase;
import io.lighter.storage.VerificationStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through everything that is stored and finds what is not as it was. How far it has come is
 * noted about once a second, so that a pass which was stopped, in order or not, goes on from there.
 *
 * <p>Thread-safe and blocking; one pass at a time. One that an operator asked for takes the place
 * of one that runs by schedule.
 */
public final class Verification implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Verification.class);
  private static final int PAGE = 100;
  private static final long NOTE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Who wants a pass. */
  public enum Origin {
    OPERATOR,
    SCHEDULE
  }

  /**
   * What one who has a pass done is told meanwhile, and has to tell those whom it concerns: nothing
   * else is said of damage. Runs on the thread of the pass.
   */
  public interface Listener {
    void damaged(Damage damage);

    void progressed(VerificationPass pass);
  }

  private final VerificationStore store;
  private final BlobQuarantine blobs;
  private final MetadataStore metadata;
  private final BlobDamage blobDamage;
  private final Runnable contentChanged;
  private final Clock clock;

  private record Run(Origin origin, Throttle throttle) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private @Nullable Run running; // guarded by lock
  private boolean closed; // guarded by lock

  /**
   * @param convert queues an image for conversion
   * @param contentChanged is told when content was taken out of service
   */
  public Verification(
      VerificationStore store,
      BlobQuarantine blobs,
      MetadataStore metadata,
      BiConsumer<RepositoryName, Digest> convert,
      Runnable contentChanged,
      Clock clock) {
    this.store = store;
    this.blobs = blobs;
    this.metadata = metadata;
    this.blobDamage = new BlobDamage(store, blobs, metadata, convert);
    this.contentChanged = contentChanged;
    this.clock = clock;
  }

  /** The pass that was begun last, if there ever was one. */
  public Optional<VerificationPass> last() {
    return store.lastPass();
  }

  /**
   * Continues the pass that was stopped, or does a new one.
   *
   * @param restart do a new one in any case
   * @param bytesPerSecond how fast blobs are read at most
   * @return the pass; it is not finished if it was stopped
   * @throws VerificationBusyException if there is one under way that has the same right
   */
  public VerificationPass run(
      Origin origin, boolean restart, long bytesPerSecond, Listener listener) {
    var run = new Run(origin, new Throttle(bytesPerSecond));
    begin(run);
    try {
      return new Pass(first(restart), run.throttle(), listener).toEnd();
    } finally {
      end();
    }
  }

  private VerificationPass first(boolean restart) {
    return store
        .lastPass()
        .filter(pass -> !restart && pass.phase() != Phase.FINISHED)
        .orElseGet(() -> VerificationPass.begun(clock.instant()));
  }

  private void begin(Run run) {
    lock.lock();
    try {
      while (running != null) {
        if (run.origin() == Origin.SCHEDULE || running.origin() == Origin.OPERATOR) {
          throw new VerificationBusyException();
        }
        running.throttle().stop();
        ended.awaitUninterruptibly();
      }
      if (closed) {
        throw new VerificationBusyException();
      }
      running = run;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      running = null;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Stops the pass that is under way and waits for that; it can be continued. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      while (running != null) {
        running.throttle().stop();
        ended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** One run through the store, or the rest of one. */
  private final class Pass {
    private final LongConsumer throttle;
    private final Listener listener;
    private VerificationPass pass;
    private long notedAt = System.nanoTime();

    Pass(VerificationPass pass, Throttle throttle, Listener listener) {
      this.pass = pass;
      this.throttle = throttle;
      this.listener = listener;
    }

    VerificationPass toEnd() {
      try {
        while (pass.phase() != Phase.FINISHED) {
          switch (pass.phase()) {
            case BLOBS -> blobs();
            case MANIFESTS -> manifests();
            case REPOSITORIES -> repositories();
            case FINISHED -> {}
          }
        }
      } catch (Throttle.StoppedException _) {
        LOG.info("verification stopped after {} blobs; it can be continued", pass.blobs());
      } finally {
        store.note(pass);
      }
      return pass;
    }

    private void blobs() {
      if (pass.after().isEmpty()) {
        List<BlobInfo> known = store.damagedBlobs();
        known.forEach(blob -> listener.damaged(blobDamage.stillDamaged(blob)));
        pass = pass.withDamage(known.size());
      }
      for (List<BlobInfo> page = store.blobs(pass.after(), PAGE);
          !page.isEmpty();
          page = store.blobs(pass.after(), PAGE)) {
        for (BlobInfo blob : page) {
          moved(pass.withBlob(blob, check(blob)));
        }
      }
      moved(pass.in(Phase.MANIFESTS));
    }

    private int check(BlobInfo blob) {
      throttle.accept(0);
      Optional<Damage> damage =
          blobs.defect(blob, throttle).flatMap(problem -> blobDamage.handle(blob, problem));
      damage.ifPresent(found -> {
        contentChanged.run();
        listener.damaged(found);
      });
      return damage.isPresent() ? 1 : 0;
    }

    private void manifests() {
      for (List<Digest> page = store.manifests(pass.after(), PAGE);
          !page.isEmpty();
          page = store.manifests(pass.after(), PAGE)) {
        for (Digest manifest : page) {
          moved(pass.withManifest(manifest.toString(), check(manifest)));
        }
      }
      moved(pass.in(Phase.REPOSITORIES));
    }

    private int check(Digest manifest) {
      Optional<byte[]> bytes = store.manifestBytes(manifest);
      throttle.accept(bytes.map(content -> content.length).orElse(0));
      Optional<Digest> actual =
          bytes
              .map(content -> Digest.of(manifest.algorithm(), content))
              .filter(digest -> !digest.equals(manifest));
      actual.ifPresent(digest -> {
        store.forgetManifestBytes(manifest);
        contentChanged.run();
        listener.damaged(Damage.manifest(manifest, "the content has digest " + digest));
      });
      return actual.isPresent() ? 1 : 0;
    }

    private void repositories() {
      for (List<RepositoryName> page = metadata.repositories(pass.after(), PAGE);
          !page.isEmpty();
          page = metadata.repositories(pass.after(), PAGE)) {
        for (RepositoryName repository : page) {
          throttle.accept(0);
          var dangling = store.dangling(repository);
          dangling.forEach(found -> listener.damaged(Damage.name(found)));
          moved(pass.withRepository(repository.value(), dangling.size()));
        }
      }
      moved(pass.in(Phase.FINISHED));
    }

    private void moved(VerificationPass next) {
      pass = next;
      if (System.nanoTime() - notedAt >= NOTE_EVERY_NANOS) {
        store.note(pass);
        notedAt = System.nanoTime();
        listener.progressed(pass);
      }
    }
  }
}
