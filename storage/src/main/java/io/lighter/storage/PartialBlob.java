package io.lighter.storage;

import java.nio.ByteBuffer;

/**
 * A blob whose bytes arrive in any order, and which keeps what it has until it is whole: over a
 * close, a restart and a crash. What it holds is not verified before {@link #commit}.
 *
 * <p>Any number of threads may {@link #write} and {@link #read} at once. The other methods are for
 * one thread at a time, and {@link #close} for when nobody does anything else.
 */
public interface PartialBlob extends AutoCloseable {

  /** Length of the whole blob in bytes. */
  long size();

  /** A copy of which bytes are here. */
  Extents present();

  /**
   * Stores all that remains in {@code bytes}. After a crash what came last may be missing, but
   * nothing that is then said to be here is anything else than what was written.
   *
   * @param position of the first of them; their last one is before {@link #size}
   * @throws StorageException.OutOfSpace if the disk is full; what was there before is kept
   */
  void write(long position, ByteBuffer bytes);

  /**
   * Reads bytes that are here, at most what remains in {@code target}.
   *
   * @return number of bytes read, 0 if the one at {@code position} is not here
   */
  int read(ByteBuffer target, long position);

  /**
   * Makes the blob, of which every byte must be here, durable and visible under its digest. Reads
   * go on to work until {@link #close}.
   *
   * @throws StorageException.DigestMismatch if the content has another digest; all of it is removed
   */
  BlobInfo commit();

  /** Removes what is here. */
  void discard();

  /** Lets go of the file and keeps what is here, unless it was committed or discarded. */
  @Override
  void close();
}
