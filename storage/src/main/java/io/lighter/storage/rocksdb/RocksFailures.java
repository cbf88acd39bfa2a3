package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What a failure of RocksDB means for the store. */
final class RocksFailures {

  private RocksFailures() {}

  /**
   * The same failure in the SPI's terms; a new exception for each caller that it is thrown to.
   *
   * @param attempted what failed, as in "cannot ..."
   */
  static StorageException of(String attempted, RocksDBException failure) {
    String message = "cannot %s: %s".formatted(attempted, failure.getMessage());
    Status status = failure.getStatus();
    if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
      return new StorageException.DiskFull(message, failure);
    }
    if (status != null && status.getCode() == Status.Code.Corruption) {
      return new StorageException.Corrupt(message, failure);
    }
    return new StorageException.Unavailable(message, failure);
  }
}
