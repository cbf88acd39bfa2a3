package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoder;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A run of whole gzip members that one task compresses. Filled by the converting thread, then
 * packed by a task, then written by the converting thread; whoever hands it over makes the
 * hand-over visible to the other.
 */
final class MemberBatch implements AutoCloseable {

  /** Members that exist already, to be copied instead of compressed again. */
  @FunctionalInterface
  interface Packed {

    /** None. */
    Packed NONE = _ -> Optional.empty();

    /** The member that begins with the bytes of this origin, if it is at hand. */
    Optional<PackedMember> beginningAt(long origin);
  }

  private static final Digest EMPTY = Digest.ofSha256(new byte[0]);

  private final GzipEncoder encoder;
  private final Packed source;
  private final MessageDigest sha256 = DigestAlgorithm.SHA256.newMessageDigest();
  private final byte[] plain;
  private final List<Cut> cuts = new ArrayList<>();
  private final List<Payload> payloads = new ArrayList<>();
  private final List<LongConsumer> whenWritten = new ArrayList<>();
  private byte[] packed = new byte[0];
  private int used;
  private int packedLength;
  private long copied;
  private long compressed;

  /** Where a member begins, whether with a payload, and what packing found out. */
  private static final class Cut {
    final int start;
    final boolean payloadFirst;
    int packedStart;
    private @Nullable PackedMember same;

    Cut(int start, boolean payloadFirst, Optional<PackedMember> same) {
      this.start = start;
      this.payloadFirst = payloadFirst;
      this.same = same.orElse(null);
    }

    /** Takes in where the bytes came from that are added at an index of the batch. */
    void follow(long origin, int index) {
      PackedMember member = same;
      if (member != null && origin != member.plainStart() + index - start) {
        same = null;
      }
    }

    /** The member that has exactly these bytes, if one is known. */
    Optional<PackedMember> same(int length) {
      return Optional.ofNullable(same).filter(member -> member.plainLength() == length);
    }
  }

  /** A part of a member that has a digest of its own. */
  private static final class Payload {
    final Cut cut;
    final int start;
    final int length;
    Digest digest = EMPTY;

    Payload(Cut cut, int start, int length) {
      this.cut = cut;
      this.start = start;
      this.length = length;
    }
  }

  MemberBatch(GzipEncoders encoders, int capacity, Packed source) {
    this.source = source;
    this.encoder = encoders.open(capacity);
    this.plain = new byte[capacity];
  }

  int used() {
    return used;
  }

  int room() {
    return plain.length - used;
  }

  /** Uncompressed bytes of all members so far that were copied. */
  long copied() {
    return copied;
  }

  /** Uncompressed bytes of all members so far that were compressed. */
  long compressed() {
    return compressed;
  }

  /**
   * Adds bytes to the current member.
   *
   * @param origin see {@link MemberPipeline#append}
   */
  void append(byte[] bytes, int offset, int length, long origin) {
    if (cuts.isEmpty()) {
      cuts.add(new Cut(used, false, source.beginningAt(origin)));
    }
    cuts.getLast().follow(origin, used);
    System.arraycopy(bytes, offset, plain, used, length);
    used += length;
  }

  /**
   * Adds a payload, which begins a member.
   *
   * @param leastMember unless the current one begins with a payload and is shorter than this
   * @param origin see {@link MemberPipeline#append}
   */
  void payload(
      int length,
      int leastMember,
      MemberPipeline.Filler filler,
      long origin,
      Consumer<Member> written)
      throws IOException {
    filler.fill(plain, used, length);
    boolean joins =
        !cuts.isEmpty() && cuts.getLast().payloadFirst && used - cuts.getLast().start < leastMember;
    if (!joins) {
      cuts.add(new Cut(used, true, source.beginningAt(origin)));
    }
    cuts.getLast().follow(origin, used);
    var payload = new Payload(cuts.getLast(), used, length);
    payloads.add(payload);
    used += length;
    whenWritten.add(base ->
        written.accept(
            new Member(
                base + payload.cut.packedStart,
                (long) payload.start - payload.cut.start,
                payload.digest)));
  }

  /** Has this run when everything so far is written. */
  void then(Runnable action) {
    whenWritten.add(_ -> action.run());
  }

  /** Compresses all members. */
  void pack() {
    for (Payload payload : payloads) {
      sha256.update(plain, payload.start, payload.length);
      payload.digest = Digest.of(DigestAlgorithm.SHA256, sha256);
    }
    for (int i = 0; i < cuts.size(); i++) {
      Cut cut = cuts.get(i);
      int length = (i + 1 < cuts.size() ? cuts.get(i + 1).start : used) - cut.start;
      cut.packedStart = packedLength;
      cut.same(length).ifPresentOrElse(member -> copy(member), () -> compress(cut.start, length));
    }
  }

  private void copy(PackedMember member) {
    ensureRoom(member.bytes().length);
    System.arraycopy(member.bytes(), 0, packed, packedLength, member.bytes().length);
    packedLength += member.bytes().length;
    copied += member.plainLength();
  }

  private void compress(int start, int length) {
    ensureRoom(GzipEncoder.bound(length));
    packedLength = encoder.encode(plain, start, length, packed, packedLength);
    compressed += length;
  }

  private void ensureRoom(int more) {
    int needed = Math.addExact(packedLength, more);
    if (needed > packed.length) {
      packed = Arrays.copyOf(packed, Math.max(needed, packed.length + packed.length / 2));
    }
  }

  /**
   * Writes what was packed, tells everybody who waits for it, and is empty again.
   *
   * @param position where in the blob the bytes come to stand
   * @return position behind them
   */
  long writeTo(OutputStream out, long position) throws IOException {
    out.write(packed, 0, packedLength);
    whenWritten.forEach(action -> action.accept(position));
    long end = position + packedLength;
    cuts.clear();
    payloads.clear();
    whenWritten.clear();
    used = 0;
    packedLength = 0;
    return end;
  }

  @Override
  public void close() {
    encoder.close();
  }
}
