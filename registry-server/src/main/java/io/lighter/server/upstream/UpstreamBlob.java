package io.lighter.server.upstream;

import io.lighter.storage.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * Bytes of a blob that an upstream has begun to send. For one thread; {@link #close} may come from
 * any.
 */
public final class UpstreamBlob implements AutoCloseable {
  private final UpstreamResponse response;
  private final Extent extent;

  UpstreamBlob(UpstreamResponse response, Extent extent) {
    this.response = response;
    this.extent = extent;
  }

  /** Which bytes will come: those that were asked for, or all, or fewer from the same first one. */
  public Extent extent() {
    return extent;
  }

  /**
   * The next bytes; an empty list at the end.
   *
   * @param patience how long to wait for a byte
   * @throws IOException if the connection broke, or nothing came in time
   */
  public List<ByteBuffer> next(Duration patience) throws IOException {
    return response.body().next(patience);
  }

  /** Ends it after its last byte was read, which keeps the connection for the next question. */
  public void finish() {
    response.body().discard();
  }

  /** Gives the rest up. */
  @Override
  public void close() {
    response.close();
  }
}
