package io.lighter.server.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** A blob that an upstream has begun to send. For one thread; {@link #close} may come from any. */
public final class UpstreamBlob implements AutoCloseable {
  private final UpstreamResponse response;
  private final long start;
  private final OptionalLong size;

  /**
   * @param response the answer, whose body is the blob or a part of it
   * @param start position in the blob of the body's first byte
   * @param size length of the whole blob, if the answer says it
   */
  UpstreamBlob(UpstreamResponse response, long start, OptionalLong size) {
    this.response = response;
    this.start = start;
    this.size = size;
  }

  /** Position in the blob of the first byte that {@link #next} gives. */
  public long start() {
    return start;
  }

  /** Length of the whole blob, if the answer says it. */
  public OptionalLong size() {
    return size;
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

  @Override
  public void close() {
    response.close();
  }
}
