package io.lighter.storage.rocksdb;

import java.util.List;
import java.util.Optional;

/** Reads keys and values: what is durable, or within a mutation also what it changed so far. */
interface View {

  /** The value of a key, if it has one. */
  Optional<byte[]> get(Family family, byte[] key);

  /**
   * Entries in byte-wise order of their keys.
   *
   * @param prefix only keys that begin with this
   * @param from only keys that are not less than this
   * @param limit at most this many
   */
  List<Entry> scan(Family family, byte[] prefix, byte[] from, int limit);

  /** Every entry whose key begins with the prefix. */
  default List<Entry> scan(Family family, byte[] prefix) {
    return scan(family, prefix, prefix, Integer.MAX_VALUE);
  }

  /** Whether any key begins with the prefix. */
  default boolean any(Family family, byte[] prefix) {
    return !scan(family, prefix, prefix, 1).isEmpty();
  }

  /** Whether a key has a value. */
  default boolean has(Family family, byte[] key) {
    return get(family, key).isPresent();
  }

  /** A key and its value. */
  @SuppressWarnings("ArrayRecordComponent") // Only carried, never compared.
  record Entry(byte[] key, byte[] value) {}
}
