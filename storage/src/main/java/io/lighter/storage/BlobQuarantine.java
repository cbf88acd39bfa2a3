package io.lighter.storage;

import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Finds out whether stored bytes are still what they were, and takes those that are not out of
 * service. Part of a store whose files can rot. Thread-safe and blocking.
 */
public interface BlobQuarantine {

  /** What the store says of a blob whose bytes it has lost. */
  enum Loss {
    /** Nothing: it can be had from somewhere else, as if it had never been here. */
    FORGET,
    /** That it is damaged, until the same content is stored again. */
    REMEMBER
  }

  /**
   * Reads a blob from its disk and compares it with its digest and size.
   *
   * @param read is told of every number of bytes that was read, and may delay the next read
   * @return what is wrong with it, if anything is
   */
  Optional<String> defect(BlobInfo blob, LongConsumer read);

  /**
   * Moves a damaged blob's bytes to where nobody reads them, if they still are damaged. Sources
   * that are open already stay as they are.
   *
   * @return whether they were
   */
  boolean setAside(BlobInfo blob, Loss loss);
}
