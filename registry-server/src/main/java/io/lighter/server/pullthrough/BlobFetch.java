package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.Backoff;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.UpstreamBlob;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The download of one blob, from the first question to the commit, on one thread. It goes on when
 * every reader has left, because the next one will want the blob too, and continues where it was
 * when the connection breaks.
 */
final class BlobFetch {

  /** So often in a row may a connection break without bringing {@link #PROGRESS}. */
  private static final int RESUMES = 3;

  private static final long PROGRESS = 1024 * 1024;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(250));

  private final MirroredRepository repository;
  private final Digest digest;
  private final BlobStore store;
  private final UpstreamObserver observer;
  private final GrowingBlob blob;

  // The rest belongs to the thread in run().
  private OptionalLong size;
  private @Nullable BlobWriter writer;
  private long received;

  /**
   * @param advertised size of the blob as a manifest states it, if one does
   */
  BlobFetch(
      MirroredRepository repository,
      Digest digest,
      OptionalLong advertised,
      BlobStore store,
      UpstreamObserver observer) {
    this.repository = repository;
    this.digest = digest;
    this.size = advertised;
    this.store = store;
    this.observer = observer;
    this.blob = new GrowingBlob("blob %s of %s".formatted(digest, repository));
  }

  /** The repository that upstream is asked for the blob in. */
  MirroredRepository repository() {
    return repository;
  }

  /** See {@link GrowingBlob#open}. */
  Optional<BlobSource> open(Duration patience) {
    return blob.open(patience);
  }

  /** See {@link GrowingBlob#await}. */
  BlobInfo await() {
    return blob.await();
  }

  /** Whether the download is over: nothing can be gained by joining it. */
  boolean ended() {
    return blob.ended();
  }

  /** Downloads the blob. Called once; ends when the blob is complete or given up. */
  void run() {
    RuntimeException failure =
        new UpstreamException.Unreachable("download of %s was stopped".formatted(digest), null);
    boolean complete = false;
    try {
      repository.upstream().awaitDownloadSlot();
      try {
        commit(receive());
        complete = true;
      } finally {
        repository.upstream().releaseDownloadSlot();
      }
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      if (!complete) {
        blob.fail(failure);
      }
      if (writer != null) {
        writer.close();
      }
      observer.fetched(repository.upstream().name(), complete);
    }
  }

  private BlobWriter receive() {
    for (int failures = 0; ; ) {
      long before = received;
      try (var answer = repository.upstream().blob(repository.remote(), digest, before)) {
        BlobWriter target = accept(answer);
        copy(answer, target);
        return target;
      } catch (UpstreamException.Unreachable e) {
        if (writer == null) {
          throw e;
        }
        failures = countFailure(failures, before, e);
      } catch (IOException e) {
        failures = countFailure(failures, before, e);
      }
      BACKOFF.pause(failures);
    }
  }

  private int countFailure(int failures, long before, Exception cause) {
    int inARow = received - before >= PROGRESS ? 1 : failures + 1;
    if (inARow > RESUMES) {
      throw new UpstreamException.Unreachable(
          "download of %s from %s broke off at byte %d: %s"
              .formatted(digest, repository, received, cause.getMessage()),
          cause);
    }
    return inARow;
  }

  /** Checks what the head of an answer says; the first one lets readers in. */
  private BlobWriter accept(UpstreamBlob answer) {
    if (size.isPresent() && answer.size().isPresent() && !size.equals(answer.size())) {
      throw new UpstreamException.Invalid(
          "%s says that %s has %d bytes, not %d"
              .formatted(repository, digest, answer.size().getAsLong(), size.getAsLong()),
          null);
    }
    if (writer != null) {
      return writer;
    }
    if (size.isEmpty()) {
      size = answer.size();
    }
    writer = store.newWriter();
    // Without a size no answer can be begun, and an empty one would be complete unverified.
    if (size.orElse(0) > 0) {
      blob.begin(size.getAsLong(), writer);
    }
    return writer;
  }

  private void copy(UpstreamBlob answer, BlobWriter target) throws IOException {
    long skip = received - answer.start();
    while (true) {
      List<ByteBuffer> buffers = answer.next(repository.upstream().settings().stallTimeout());
      if (buffers.isEmpty()) {
        requireWhole();
        return;
      }
      long arrived = 0;
      for (ByteBuffer buffer : buffers) {
        arrived += buffer.remaining();
        int known = (int) Math.min(skip, buffer.remaining());
        skip -= known;
        buffer.position(buffer.position() + known);
        requireRoom(buffer.remaining());
        received += buffer.remaining();
        target.append(buffer);
      }
      blob.advance(received);
      observer.received(repository.upstream().name(), arrived);
    }
  }

  private void requireWhole() throws EOFException {
    if (size.isPresent() && received < size.getAsLong()) {
      throw new EOFException("ended at byte %d of %d".formatted(received, size.getAsLong()));
    }
  }

  private void requireRoom(int bytes) {
    if (size.isPresent() && received + bytes > size.getAsLong()) {
      throw new UpstreamException.Invalid(
          "%s sent more than the %d bytes of %s".formatted(repository, size.getAsLong(), digest),
          null);
    }
  }

  private void commit(BlobWriter target) {
    try {
      BlobInfo info = target.commit(digest);
      blob.complete(info, store.open(digest));
    } catch (StorageException.DigestMismatch e) {
      throw new UpstreamException.Invalid(
          "%s sent something else: %s".formatted(repository, e.getMessage()), e);
    }
  }
}
