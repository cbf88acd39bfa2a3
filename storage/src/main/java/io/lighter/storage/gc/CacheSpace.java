package io.lighter.storage.gc;

import java.time.Instant;

/** The disk that cached content is on. Thread-safe and blocking. */
public interface CacheSpace {

  /** Bytes that can still be written. */
  long free();

  /** Bytes that the disk has. */
  long total();

  /** Bytes of blobs that have arrived in part. */
  long partialBytes();

  /**
   * Removes what is left of blobs that have arrived in part and that nobody has added to since
   * then.
   *
   * @return how many those were
   */
  int removePartials(Instant untouchedSince);
}
