package io.lighter.server.pullthrough;

import io.lighter.server.pullthrough.Demand.Mode;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One client's view of a blob that arrives. Positions are independent, so that it serves ranges as
 * well as the whole.
 *
 * <p>Whoever reads a blob from its begin to its end is not given the last byte before the whole is
 * verified and durable, so that a client of a corrupt blob is always left with a body that is
 * visibly too short. A range cannot be verified by itself; lazy clients verify what they read.
 */
final class ArrivingReader implements BlobSource.Growing {

  /** More than a lazy client wants at once is a download. */
  private static final long LONGEST_RANGE = 8 * 1024 * 1024;

  private final ArrivingBlob blob;
  private Mode mode = Mode.UNDECIDED; // guarded by the blob's lock
  private boolean whole; // guarded by the blob's lock
  private boolean closed; // guarded by the blob's lock

  ArrivingReader(ArrivingBlob blob) {
    this.blob = blob;
  }

  @Override
  public long size() {
    return blob.size();
  }

  @Override
  public void prepare(List<Extent> wanted, Duration patience) {
    boolean here =
        blob.locked(() -> {
          decide(wanted);
          return blob.awaitByte(this, wanted.getFirst().first(), patience.toNanos());
        });
    if (!here) {
      throw new UpstreamException.Unreachable(
          "%s is waited for; try again in a few seconds".formatted(blob.name()), null);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) {
    if (position < 0 || position >= size()) {
      throw new IndexOutOfBoundsException(
          "position must be from 0 to %d, not %d".formatted(size() - 1, position));
    }
    while (true) {
      Optional<BlobSource> complete =
          blob.locked(() -> {
            if (mode == Mode.UNDECIDED) {
              decide(List.of(new Extent(0, size())));
            }
            blob.awaitByte(this, position, Long.MAX_VALUE);
            return blob.complete();
          });
      if (complete.isPresent()) {
        return complete.get().read(target, position);
      }
      int count = blob.readBack(this, target, position);
      if (count > 0) {
        return count;
      }
      // It was completed between the two steps, or has failed; the next round sees which.
    }
  }

  @Override
  public void close() {
    blob.locked(() -> {
      if (!closed) {
        closed = true;
        blob.left(mode);
      }
      return closed;
    });
  }

  /** What he wants, which he says once. */
  private void decide(List<Extent> wanted) {
    long bytes = wanted.stream().mapToLong(Extent::length).sum();
    whole = wanted.stream().anyMatch(extent -> extent.length() == size());
    mode = whole || bytes > LONGEST_RANGE ? Mode.DOWNLOAD : Mode.RANGES;
    blob.decided(mode, wanted);
  }

  /** Has the blob fetched from a byte on that he cannot go on without. Under the blob's lock. */
  void stoppedAt(long position) {
    if (closed) {
      throw new IllegalStateException("source of %s is closed".formatted(blob.name()));
    }
    blob.stopped(mode, position);
  }

  /** How many of the bytes that are here from a position on he may have. */
  long readable(long position, long here) {
    return whole && position + here == size() ? here - 1 : here;
  }
}
