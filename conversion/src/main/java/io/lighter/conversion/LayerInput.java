package io.lighter.conversion;

import java.io.IOException;
import java.io.InputStream;

/** A layer's blob that can be read more than once. */
@FunctionalInterface
public interface LayerInput {

  /**
   * Begins to read the blob, always the same.
   *
   * @return gzip, zstd or plain tar; closed by the caller
   */
  InputStream open() throws IOException;
}
