package io.lighter.storage;

import io.lighter.oci.Digest;
import java.nio.ByteBuffer;

/**
 * A blob on its way in. Hashes while it writes.
 *
 * <p>One thread at a time may append, commit, close or abort; {@link #read} may be called by any
 * number of others meanwhile, until {@link #close} begins: also during {@link #commit} and after
 * it. After {@link #commit} or {@link #abort} the one thread may only {@link #close}.
 */
public interface BlobWriter extends AutoCloseable {

  /** Number of bytes that have been appended and can be read back. */
  long size();

  /**
   * Says how many bytes will be appended, as far as somebody knows that before they come.
   *
   * @throws StorageException.OutOfSpace if there is no room for them; nothing was changed
   */
  void expect(long bytes);

  /**
   * Appends all that remains in {@code bytes}.
   *
   * @throws StorageException.OutOfSpace if the disk is full; what was appended before is kept and
   *     {@link #size} says how much that is
   */
  void append(ByteBuffer bytes);

  /**
   * Reads back bytes that were appended.
   *
   * @return number of bytes read, or -1 if {@code position} is not below {@link #size}
   */
  int read(ByteBuffer target, long position);

  /**
   * Takes back what was appended beyond {@code size}. Costs a read of what stays, because its hash
   * has to be computed again.
   *
   * @param size from 0 to {@link #size}
   */
  void cutBack(long size);

  /** The sha256 digest of what was appended so far. */
  Digest sha256();

  /**
   * Makes the blob durable and visible under its digest: after this returns it survives a crash.
   * Idempotent across writers: if the store has the blob already, this copy is dropped.
   *
   * @param expected the digest that the content must have
   * @throws StorageException.DigestMismatch if it has another one; everything appended is removed
   */
  BlobInfo commit(Digest expected);

  /** Removes what was appended. */
  void abort();

  /**
   * Lets go of the file. An upload that was neither committed nor aborted is kept to be resumed;
   * anything else that was not committed is removed.
   */
  @Override
  void close();
}
