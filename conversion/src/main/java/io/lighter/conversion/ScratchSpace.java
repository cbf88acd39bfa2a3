package io.lighter.conversion;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/** Room outside memory for what a conversion has read and cannot write yet. Thread-safe. */
@FunctionalInterface
public interface ScratchSpace {

  /**
   * Takes some room.
   *
   * @return empty, readable and writable; what is in it is gone when it is closed
   */
  SeekableByteChannel open() throws IOException;
}
