package io.lighter.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.Digest;
import io.lighter.storage.StorageException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads what {@link RecordOutput} wrote, in the same order. */
final class RecordInput {
  private final ByteBuffer bytes;

  private RecordInput(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads one whole value.
   *
   * @param what names the value in the message of a failure
   * @param version the only version that {@code fields} reads
   * @throws StorageException.Corrupt if the value has another version, or is longer or shorter than
   *     its fields, or a field is not valid
   */
  static <T> T read(String what, int version, byte[] value, Function<RecordInput, T> fields) {
    var input = new RecordInput(ByteBuffer.wrap(value));
    try {
      int found = input.code();
      if (found != version) {
        throw new StorageException.Corrupt(
            "a stored %s has version %d; this program reads version %d"
                .formatted(what, found, version),
            null);
      }
      T result = fields.apply(input);
      if (input.bytes.hasRemaining()) {
        throw new StorageException.Corrupt(
            "a stored %s has %d bytes too many".formatted(what, input.bytes.remaining()), null);
      }
      return result;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new StorageException.Corrupt("a stored " + what + " is not readable", e);
    }
  }

  int code() {
    return Byte.toUnsignedInt(bytes.get());
  }

  int int32() {
    return bytes.getInt();
  }

  long int64() {
    return bytes.getLong();
  }

  String text() {
    byte[] encoded = new byte[length()];
    bytes.get(encoded);
    return new String(encoded, UTF_8);
  }

  Digest digest() {
    return BinaryDigest.decode(bytes);
  }

  Instant instant() {
    return Instant.ofEpochSecond(int64(), int32());
  }

  <T> Optional<T> optional(Function<RecordInput, T> read) {
    return code() == 0 ? Optional.empty() : Optional.of(read.apply(this));
  }

  <T> List<T> list(Function<RecordInput, T> read) {
    int count = length();
    var result = new ArrayList<T>(count);
    for (int i = 0; i < count; i++) {
      result.add(read.apply(this));
    }
    return result;
  }

  /** A damaged length must not make us allocate more than the value has bytes. */
  private int length() {
    int length = int32();
    if (length < 0 || length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    return length;
  }
}
