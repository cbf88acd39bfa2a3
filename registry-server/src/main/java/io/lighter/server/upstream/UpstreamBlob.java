package io.lighter.server.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * A blob that an upstream has begun to send.
 *
 * @param response the answer, whose body is the blob or its rest
 * @param start position in the blob of the body's first byte
 * @param size length of the whole blob, if the answer says it
 */
record UpstreamBlob(UpstreamResponse response, long start, OptionalLong size)
    implements AutoCloseable {

  /** The next bytes; an empty list at the end. See {@link BodyStream#next}. */
  List<ByteBuffer> next(Duration patience) throws IOException {
    return response.body().next(patience);
  }

  @Override
  public void close() {
    response.close();
  }
}
