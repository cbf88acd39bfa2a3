package io.lighter.server.pullthrough;

import io.lighter.server.pullthrough.ArrivingBlob.Work;
import io.lighter.server.pullthrough.FetchPlan.Reservation;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Priority;
import io.lighter.server.upstream.UpstreamBlob;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.Extent;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One thread that asks upstream for parts of a blob, one after the other, over one connection, as
 * long as there are parts of the kind that it was started for.
 */
final class BlobRequest implements Runnable {

  /** Long enough to keep the link busy, short enough for the next one to be near. */
  private static final long PART = 16 * 1024 * 1024;

  /** Largest part of a range: several connections bring it sooner, since each begins slowly. */
  private static final long COLD_RANGE = 512 * 1024;

  /** Largest part of a range over a connection that is fast already. */
  private static final long WARM_RANGE = 4 * 1024 * 1024;

  /** A download that waits for its turn is not late: its turn comes. */
  private static final Duration TURN = Duration.ofDays(1);

  private final BlobFetch fetch;
  private final ArrivingBlob blob;
  private final Work work;

  /**
   * @param work {@code RANGE}, {@code DOWNLOAD} or {@code BACKGROUND}
   */
  BlobRequest(BlobFetch fetch, ArrivingBlob blob, Work work) {
    this.fetch = fetch;
    this.blob = blob;
    this.work = work;
  }

  @Override
  public void run() {
    MirroredRepository origin = fetch.origin();
    try (var _ = origin.upstream().connect(priority(), TURN)) {
      // Only now: a part that waits for a connection could not be asked for by anybody else.
      for (var part = reserve(); part.isPresent(); part = reserve()) {
        fetch(origin, part.get());
      }
    } catch (UpstreamException.Unreachable e) {
      fetch.broke(e);
    } catch (IOException e) {
      fetch.broke(e);
    } catch (UpstreamException.NotFound | UpstreamException.Denied e) {
      fetch.refused(origin, e);
    } catch (RuntimeException e) {
      fetch.failed(e);
    }
  }

  private Priority priority() {
    return switch (work) {
      case RANGE -> Priority.RANGE;
      case DOWNLOAD -> Priority.DOWNLOAD;
      case BACKGROUND, COMMIT, END -> Priority.BACKGROUND;
    };
  }

  private Optional<Reservation> reserve() {
    if (fetch.rangesIgnored()) {
      return blob.reserveAll();
    }
    return switch (work) {
      case RANGE ->
          blob.reserveWanted(fetch.origin().upstream().isWarm() ? WARM_RANGE : COLD_RANGE);
      case DOWNLOAD -> blob.isDownloaded() ? blob.reserveGap(PART) : Optional.empty();
      case BACKGROUND, COMMIT, END ->
          yields() || blob.isDownloaded() ? Optional.empty() : blob.reserveGap(PART);
    };
  }

  private void fetch(MirroredRepository origin, Reservation part) throws IOException {
    Optional<Extent> wanted = blob.rest(part);
    if (wanted.isEmpty()) {
      blob.release(part);
      return;
    }
    Optional<Reservation> reserved = Optional.of(part);
    try (var answer =
        origin.upstream().blob(origin.remote(), fetch.digest(), wanted.get(), fetch.size())) {
      fetch.answered();
      boolean ranged = wanted.get().length() < fetch.size();
      if (ranged && answer.extent().length() == fetch.size()) {
        // The part is taken back, and all of it kept from others: it comes in its order now.
        fetch.ignoresRanges();
        blob.release(part);
        reserved = blob.reserveAll();
      } else if (ranged) {
        fetch.traffic().rangeAnswered();
      }
      if (reserved.isPresent()) {
        copy(answer, reserved.get());
      }
    } finally {
      reserved.ifPresent(blob::release);
    }
  }

  private void copy(UpstreamBlob answer, Reservation part) throws IOException {
    Duration patience = fetch.origin().upstream().settings().network().stallTimeout();
    long left = answer.extent().length();
    while (left > 0) {
      List<ByteBuffer> buffers = answer.next(patience);
      if (buffers.isEmpty()) {
        throw new EOFException("the answer ended %d bytes early".formatted(left));
      }
      for (ByteBuffer buffer : buffers) {
        left -= buffer.remaining();
        if (left < 0) {
          throw new UpstreamException.Invalid(
              "%s sent more than the %d bytes that were asked for of %s"
                  .formatted(fetch.origin(), answer.extent().length(), fetch.digest()),
              null);
        }
        fetch.received(buffer.remaining());
        store(buffer, part);
      }
      if (blob.rest(part).isEmpty() || yields()) {
        break; // Cut short, failed, or in the way of somebody who waits.
      }
    }
    if (left == 0) {
      requireEnd(answer, patience);
    }
  }

  /** Whether the link is to be left to others. One that sends no ranges could not go on later. */
  private boolean yields() {
    return work == Work.BACKGROUND
        && !fetch.rangesIgnored()
        && fetch.traffic().nanosUntilQuiet() > 0;
  }

  private void store(ByteBuffer buffer, Reservation part) {
    long room = blob.rest(part).map(Extent::length).orElse(0L);
    if (buffer.remaining() > room) {
      buffer.limit(buffer.position() + (int) room);
    }
    blob.store(part, buffer);
  }

  /** One byte too many proves that the length is wrong, and with it perhaps all the others. */
  private void requireEnd(UpstreamBlob answer, Duration patience) throws IOException {
    if (!answer.next(patience).isEmpty()) {
      throw new UpstreamException.Invalid(
          "%s sent more than the %d bytes that were asked for of %s"
              .formatted(fetch.origin(), answer.extent().length(), fetch.digest()),
          null);
    }
  }
}
