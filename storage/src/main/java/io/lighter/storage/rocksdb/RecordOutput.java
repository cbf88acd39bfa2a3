package io.lighter.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lighter.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Writes one value: a version, then fields without names. {@link RecordInput} reads it. */
final class RecordOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  RecordOutput(int version) {
    bytes.write(version);
  }

  /** One byte: a flag, or a code of an enumeration. */
  RecordOutput code(int value) {
    bytes.write(value);
    return this;
  }

  RecordOutput int32(int value) {
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    return this;
  }

  RecordOutput int64(long value) {
    bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    return this;
  }

  RecordOutput text(String value) {
    byte[] encoded = value.getBytes(UTF_8);
    int32(encoded.length);
    bytes.writeBytes(encoded);
    return this;
  }

  RecordOutput digest(Digest value) {
    bytes.writeBytes(BinaryDigest.encode(value));
    return this;
  }

  RecordOutput instant(Instant value) {
    return int64(value.getEpochSecond()).int32(value.getNano());
  }

  <T> RecordOutput optional(Optional<T> value, BiConsumer<RecordOutput, T> write) {
    code(value.isPresent() ? 1 : 0);
    value.ifPresent(present -> write.accept(this, present));
    return this;
  }

  <T> RecordOutput list(Collection<T> values, BiConsumer<RecordOutput, T> write) {
    int32(values.size());
    values.forEach(value -> write.accept(this, value));
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
