package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Cuts a stream of bytes into gzip members, has them compressed in parallel and writes them in
 * order.
 *
 * <p>Members are collected in batches of about {@value #BATCH_TARGET} bytes, because most files are
 * small and handing each to another thread would cost more than compressing it. A fixed number of
 * batches goes round: when all are on their way, the converting thread waits for the oldest. Memory
 * is bounded by {@link #memoryBound}. With one thread everything happens in the caller's.
 *
 * <p>All methods are called by one thread, which also runs the callbacks.
 */
final class MemberPipeline implements AutoCloseable {

  /** Room for padding and headers behind a full chunk, before they need a member of their own. */
  private static final int SLACK = 64 << 10;

  private static final int BATCH_TARGET = 1 << 20;

  /** Origin of bytes that no gzip member is known to have. */
  static final long NOWHERE = -1;

  /** Puts payload into a buffer. */
  @FunctionalInterface
  interface Filler {
    void fill(byte[] buffer, int offset, int length) throws IOException;
  }

  private record Packing(MemberBatch batch, CompletableFuture<Void> done) {}

  private final OutputStream out;
  private final GzipEncoders encoders;
  private final MemberBatch.Packed source;
  private final Executor executor;
  private final int capacity;
  private final int maxBatches;
  private final int leastMember;
  private final List<MemberBatch> batches = new ArrayList<>();
  private final Deque<MemberBatch> free = new ArrayDeque<>();
  private final Deque<Packing> packing = new ArrayDeque<>();
  private MemberBatch current;
  private long position;

  /**
   * Begins a blob.
   *
   * @param executor runs the compression; platform threads
   * @param threads how many of its threads to keep busy; 1 means that it is not used
   * @param maxPayload longest payload
   * @param leastMember a member that is shorter takes one more payload; 0 gives each its own
   * @param source members that are copied where they have exactly the bytes of one
   */
  MemberPipeline(
      OutputStream out,
      GzipEncoders encoders,
      Executor executor,
      int threads,
      int maxPayload,
      int leastMember,
      MemberBatch.Packed source) {
    this.out = out;
    this.encoders = encoders;
    this.source = source;
    this.executor = threads == 1 ? Runnable::run : executor;
    this.capacity = longestMember(maxPayload);
    this.maxBatches = batches(threads);
    this.leastMember = leastMember;
    this.current = newBatch();
  }

  /** Most uncompressed bytes of a member that a pipeline writes. */
  static int longestMember(int maxPayload) {
    return Math.max(maxPayload, BATCH_TARGET) + SLACK;
  }

  /** Bytes of memory that a pipeline holds at most, on the heap and off it. */
  static long memoryBound(int threads, int maxPayload) {
    // Plain and packed bytes on the heap, both again off it for libdeflate, members to copy, and
    // growth of one.
    long perBatch = 6L * longestMember(maxPayload);
    return batches(threads) * perBatch;
  }

  /** One to fill, one for each thread, and one for each that is done and waits for its turn. */
  private static int batches(int threads) {
    return threads == 1 ? 1 : 2 * threads + 1;
  }

  /** Uncompressed bytes of the members so far that were copied. */
  long copied() {
    return batches.stream().mapToLong(MemberBatch::copied).sum();
  }

  /** Uncompressed bytes of the members so far that were compressed. */
  long compressed() {
    return batches.stream().mapToLong(MemberBatch::compressed).sum();
  }

  /**
   * Adds bytes to the current member; headers that do not fit any more begin a member.
   *
   * @param origin where the bytes stand among the uncompressed bytes of what the source's members
   *     are from, or {@link #NOWHERE}
   */
  void append(byte[] bytes, long origin) throws IOException {
    for (int done = 0; done < bytes.length; ) {
      if (current.room() == 0) {
        submit();
      }
      int n = Math.min(bytes.length - done, current.room());
      current.append(bytes, done, n, origin == NOWHERE ? NOWHERE : origin + done);
      done += n;
    }
  }

  /**
   * Adds a payload, in a member of its own or behind others.
   *
   * @param length not more than the longest payload, and not 0
   * @param filler gives the payload, at once
   * @param origin as of {@link #append}
   * @param written told about the payload when it is written
   */
  void payload(int length, Filler filler, long origin, Consumer<Member> written)
      throws IOException {
    makeRoom(length);
    current.payload(length, leastMember, filler, origin, written);
  }

  /** Adds a payload that begins a member, whatever came before. */
  void ownPayload(int length, Filler filler, Consumer<Member> written) throws IOException {
    makeRoom(length);
    current.payload(length, 0, filler, NOWHERE, written);
  }

  private void makeRoom(int length) throws IOException {
    if (current.used() >= Math.max(BATCH_TARGET, leastMember) || current.room() < length + SLACK) {
      submit();
    }
  }

  /** Runs an action when everything so far is written, in the order of the calls. */
  void then(Runnable action) {
    current.then(action);
  }

  /**
   * Compresses and writes what is left. Nothing can be added any more.
   *
   * @return length of the blob so far
   */
  long finish() throws IOException {
    pack();
    while (!packing.isEmpty()) {
      writeOldest();
    }
    return position;
  }

  /** Frees the encoders. Waits for tasks that run, because they use memory that goes away. */
  @Override
  public void close() {
    packing.forEach(task -> task.done().exceptionally(_ -> null).join());
    batches.forEach(MemberBatch::close);
  }

  /** Sends the current batch on its way and takes an empty one. */
  private void submit() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("the conversion was interrupted");
    }
    pack();
    if (free.isEmpty() && batches.size() == maxBatches) {
      writeOldest();
    }
    current = free.isEmpty() ? newBatch() : free.remove();
  }

  private void pack() {
    MemberBatch full = current;
    packing.add(new Packing(full, CompletableFuture.runAsync(full::pack, executor)));
  }

  private void writeOldest() throws IOException {
    Packing oldest = packing.element();
    oldest.done().join();
    packing.remove();
    position = oldest.batch().writeTo(out, position);
    free.add(oldest.batch());
  }

  private MemberBatch newBatch() {
    var batch = new MemberBatch(encoders, capacity, source);
    batches.add(batch);
    return batch;
  }
}
