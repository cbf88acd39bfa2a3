package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes metadata. It takes what has gathered in its queue, applies it to one
 * batch, writes the batch with one sync and tells the callers. There are two reasons for it: while
 * one sync runs the next batch gathers, so that many callers share the cost of a sync; and because
 * nobody else writes, a mutation may read, decide and write without locks.
 *
 * <p>A caller blocks until its change is durable. An interrupt does not end that wait, because the
 * change may be on its way to the disk already; the thread stays interrupted.
 *
 * <p>If a batch cannot be written, all its callers fail and none of its changes happens; later
 * batches are tried again. When the disk was full RocksDB refuses all writes with the first error
 * until it finds free space, at least one write buffer's worth, in a check that it makes every five
 * seconds; then writes succeed again by themselves. After any other error of the disk it refuses
 * writes until it is opened anew, which the writer does before a batch, at most once in {@link
 * #REOPEN_PAUSE}, when the disk takes writes again. Reads go on in both cases.
 */
final class MetadataWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataWriter.class);
  private static final int QUEUE_LENGTH = 1024;

  /** Ends a batch early, so that a queue of large manifests does not become one huge batch. */
  private static final long BATCH_BYTES = 1 << 20;

  /** Opening replays the log; a disk that fails again and again must not be kept busy with it. */
  private static final Duration REOPEN_PAUSE = Duration.ofSeconds(1);

  private final BlockingQueue<Task<?>> queue = new ArrayBlockingQueue<>(QUEUE_LENGTH);
  private final RocksDatabase database;
  private final Changes changes;
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean stopped;
  private volatile boolean failing; // Written by the thread only.

  /** RocksDB has stopped for an error that it does not get over by itself. */
  private boolean stuck;

  private long reopenedAt;

  MetadataWriter(RocksDatabase database) {
    this.database = database;
    changes = new Changes(database);
    thread = Thread.ofPlatform().name("metadata-writer").start(this::writeUntilClosed);
  }

  /**
   * Applies a mutation and waits until it is durable.
   *
   * @throws StorageException if it could not be written, or the store is closed; what the mutation
   *     itself throws is passed on
   */
  <T> T apply(Mutation<T> mutation) {
    var task = new Task<>(mutation);
    enqueue(task);
    if (stopped) {
      // The thread may have looked into the queue for the last time before the task was in it.
      refuseQueued();
    }
    return task.await();
  }

  /** Applies a mutation that has no result, and waits until it is durable. */
  void run(Consumer<Changes> mutation) {
    apply(changes -> {
      mutation.accept(changes);
      return true;
    });
  }

  /** How many mutations wait for the next batch. */
  int queued() {
    return queue.size();
  }

  /** Whether the last batch could not be written. */
  boolean failing() {
    return failing;
  }

  /** Writes what is in the queue and ends the thread. What comes later is refused. */
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void enqueue(Task<?> task) {
    if (closing) {
      throw closed();
    }
    try {
      queue.put(task);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException.Unavailable("interrupted before the change was begun", e);
    }
  }

  private void writeUntilClosed() {
    try {
      while (!closing) {
        writeBatch(queue.take());
      }
    } catch (InterruptedException _) {
      // Only close() interrupts this thread: it is time to finish.
    }
    for (var task = queue.poll(); task != null; task = queue.poll()) {
      writeBatch(task);
    }
    stopped = true;
    refuseQueued();
    changes.close();
  }

  private void writeBatch(Task<?> first) {
    var applied = new ArrayList<Task<?>>();
    try {
      reopenIfStuck();
      for (Task<?> task = first;
          task != null;
          task = changes.bytes() < BATCH_BYTES ? queue.poll() : null) {
        if (task.applyTo(changes)) {
          applied.add(task);
        }
      }
      if (changes.write()) {
        noteOutcome(applied.size(), null);
      }
      applied.forEach(Task::succeed);
    } catch (RocksDBException e) {
      noteOutcome(applied.size(), e);
      applied.forEach(task -> task.fail(RocksFailures.of("write metadata", e)));
    } catch (StorageException e) {
      applied.forEach(task -> task.fail(e));
    } finally {
      changes.clear();
    }
  }

  /** Says once that writes began to fail and once that they are over it, not for each batch. */
  private void noteOutcome(int mutations, @Nullable RocksDBException failure) {
    if (failure != null && !failing) {
      LOG.error("metadata cannot be written; {} changes were refused", mutations, failure);
    } else if (failure == null && failing) {
      LOG.info("metadata can be written again");
    }
    failing = failure != null;
    stuck = failure != null && !isFull(failure);
  }

  private static boolean isFull(RocksDBException failure) {
    return RocksFailures.of("write metadata", failure) instanceof StorageException.OutOfSpace;
  }

  /** Only before a batch: what was prepared for the old opening would be lost. */
  private void reopenIfStuck() {
    if (!stuck || System.nanoTime() - reopenedAt < REOPEN_PAUSE.toNanos()) {
      return;
    }
    reopenedAt = System.nanoTime();
    try {
      database.reopen();
      LOG.info("metadata was opened anew after an error of the disk");
      stuck = false;
    } catch (StorageException e) {
      LOG.warn("metadata stays as it is for reading only: {}", e.getMessage());
    }
  }

  private void refuseQueued() {
    for (var task = queue.poll(); task != null; task = queue.poll()) {
      task.fail(closed());
    }
  }

  private static StorageException closed() {
    return new StorageException.Unavailable("the metadata store is closed", null);
  }

  /** A mutation and the caller that waits for it. */
  private static final class Task<T> {
    private final Mutation<T> mutation;
    private final CompletableFuture<T> durable = new CompletableFuture<>();
    private @Nullable T result;

    Task(Mutation<T> mutation) {
      this.mutation = mutation;
    }

    /** False if the mutation failed; its caller knows by then. */
    boolean applyTo(Changes changes) {
      try {
        result = changes.apply(mutation);
        return true;
      } catch (RuntimeException | Error e) {
        durable.completeExceptionally(e);
        return false;
      }
    }

    void succeed() {
      durable.complete(result);
    }

    void fail(StorageException failure) {
      durable.completeExceptionally(failure);
    }

    T await() {
      try {
        return durable.join();
      } catch (CompletionException e) {
        throw unwrap(e);
      }
    }

    private static RuntimeException unwrap(CompletionException wrapped) {
      return switch (wrapped.getCause()) {
        case RuntimeException failure -> failure;
        case Error error -> throw error;
        case null, default -> wrapped;
      };
    }
  }
}
