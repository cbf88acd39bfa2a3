package io.lighter.storage.rocksdb;

import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.AbstractNativeReference;

/**
 * Native objects that live and die together. Closes the last one first, because RocksDB's objects
 * point at those they were made with. Not thread-safe.
 */
final class NativeResources implements AutoCloseable {
  private final Deque<AbstractNativeReference> owned = new ArrayDeque<>();

  <R extends AbstractNativeReference> R own(R resource) {
    owned.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().close();
    }
  }
}
