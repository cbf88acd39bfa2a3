package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.server.upstream.MirroredRepository;
import io.lighter.server.upstream.Priority;
import io.lighter.server.upstream.UpstreamBlob;
import io.lighter.server.upstream.UpstreamConnection;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.storage.BlobSource;
import io.lighter.storage.Extent;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way from upstream to one client, kept nowhere: the disk has no room for it. Costs
 * upstream the blob again for each client, and what is in memory is what one connection delivers at
 * once.
 *
 * <p>Whoever reads it from its begin to its end is not given the last bytes unless the whole is
 * what its digest says. Reads one after the other; {@link #close} may come from any thread.
 */
final class PassingBlob implements BlobSource.Growing {
  /** So often may a connection break without a byte between. */
  private static final int TRIES = 3;

  private final MirroredRepository origin;
  private final Digest digest;
  private final long size;
  private final UpstreamObserver observer;
  private final ReentrantLock reading = new ReentrantLock();
  private final MessageDigest hash; // guarded by reading
  private long hashed; // guarded by reading
  private List<Extent> wanted; // guarded by reading

  private volatile @Nullable Flow flow;
  private volatile boolean closed;

  PassingBlob(MirroredRepository origin, Digest digest, long size, UpstreamObserver observer) {
    this.origin = origin;
    this.digest = digest;
    this.size = size;
    this.observer = observer;
    this.hash = digest.algorithm().newMessageDigest();
    this.wanted = List.of(new Extent(0, size));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void prepare(List<Extent> extents, Duration patience) {
    reading.lock();
    try {
      wanted = List.copyOf(extents);
      // The first byte can take as long as it takes while the client is told nothing; after it the
      // only honest error is a reset.
      at(extents.getFirst().first(), patience);
    } catch (IOException e) {
      throw lost(e);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public int read(ByteBuffer target, long position) {
    reading.lock();
    try {
      for (int tries = 1; ; tries++) {
        try {
          int count = at(position, stallTimeout()).take(target);
          observer.received(origin.upstream().name(), count);
          verify(target, position, count);
          return count;
        } catch (IOException e) {
          letGo();
          if (closed || tries == TRIES) {
            throw lost(e);
          }
        }
      }
    } finally {
      reading.unlock();
    }
  }

  /** The flow of bytes that goes on at this position, with at least one of them. */
  private Flow at(long position, Duration patience) throws IOException {
    Flow current = flow;
    if (current == null || current.position != position) {
      letGo();
      current = open(position, patience);
      flow = current;
      if (closed) {
        letGo(); // Whoever closed this did not see it.
      }
    }
    current.await(position, patience);
    return current;
  }

  private Flow open(long position, Duration patience) throws IOException {
    long end =
        wanted.stream()
            .filter(extent -> extent.first() <= position && position < extent.end())
            .mapToLong(Extent::end)
            .findFirst()
            .orElse(size);
    boolean whole = end - position == size;
    UpstreamConnection connection =
        origin.upstream().connect(whole ? Priority.DOWNLOAD : Priority.RANGE, patience);
    try {
      UpstreamBlob answer =
          origin.upstream().blob(origin.remote(), digest, new Extent(position, end), size);
      return new Flow(connection, answer);
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Without effect for whoever reads parts: those are verified by who reads them. */
  private void verify(ByteBuffer target, long position, int count) {
    if (position != hashed) {
      return;
    }
    hash.update(target.slice(target.position() - count, count));
    hashed += count;
    if (hashed == size) {
      Digest actual = Digest.of(digest.algorithm(), hash);
      if (!actual.equals(digest)) {
        throw new UpstreamException.Invalid(
            "%s sent something else: content has digest %s, not %s"
                .formatted(origin, actual, digest),
            null);
      }
    }
  }

  private Duration stallTimeout() {
    return origin.upstream().settings().network().stallTimeout();
  }

  private UpstreamException lost(IOException cause) {
    return new UpstreamException.Unreachable(
        "%s of %s broke off on its way: %s".formatted(digest, origin, cause.getMessage()), cause);
  }

  @Override
  public void close() {
    closed = true;
    letGo();
  }

  private void letGo() {
    Flow current = flow;
    if (current != null) {
      flow = null;
      current.close();
    }
  }

  /** What one connection delivers. */
  private static final class Flow implements AutoCloseable {
    private final UpstreamConnection connection;
    private final UpstreamBlob answer;
    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();

    /** Written by the reader; whoever else closes this may see less than it is, and never more. */
    private long position;

    Flow(UpstreamConnection connection, UpstreamBlob answer) {
      this.connection = connection;
      this.answer = answer;
      this.position = answer.extent().first();
    }

    /** Waits for the byte at a position that is not before this; what is before it is dropped. */
    void await(long wanted, Duration patience) throws IOException {
      while (pieces.isEmpty() || position < wanted) {
        if (pieces.isEmpty()) {
          List<ByteBuffer> more = answer.next(patience);
          if (more.isEmpty()) {
            throw new EOFException("the answer ended early");
          }
          pieces.addAll(more);
        }
        skip(wanted);
      }
    }

    private void skip(long wanted) {
      ByteBuffer first = pieces.getFirst();
      int count = (int) Math.min(first.remaining(), Math.max(0, wanted - position));
      first.position(first.position() + count);
      position += count;
      if (!first.hasRemaining()) {
        pieces.removeFirst();
      }
    }

    int take(ByteBuffer target) {
      ByteBuffer first = pieces.getFirst();
      int count = Math.min(target.remaining(), first.remaining());
      target.put(first.slice(first.position(), count));
      first.position(first.position() + count);
      position += count;
      if (!first.hasRemaining()) {
        pieces.removeFirst();
      }
      return count;
    }

    @Override
    public void close() {
      if (position == answer.extent().end()) {
        answer.finish();
      } else {
        answer.close();
      }
      connection.close();
    }
  }
}
