package io.lighter.storage.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has the system begin to write a file to its disk while more of it comes, so that the sync at the
 * end, for which a client waits, has little left. It promises nothing: what fails here fails again
 * in the sync. Used by one thread.
 */
final class WriteBack implements AutoCloseable {
  /** Bytes that are begun at once; a shorter file is left to the sync. */
  static final long STEP = 8 * 1024 * 1024;

  private final Path path;
  private final Executor worker;
  private long begun;
  private boolean started;

  // The worker's alone. The file is opened with the first step: most blobs are too short for one.
  private @Nullable PageCache pageCache;
  private PageCache.@Nullable CachedFile file;

  /**
   * For a file whose first {@code size} bytes were written by somebody else.
   *
   * @param pageCache empty where the system cannot be asked to begin
   * @param worker runs what may wait for the disk, one thing after the other
   */
  WriteBack(Path path, long size, Optional<PageCache> pageCache, Executor worker) {
    this.path = path;
    this.begun = size;
    this.pageCache = pageCache.orElse(null);
    this.worker = worker;
  }

  /**
   * A thread for all files, while there is something to do. A call out of Java that waits would
   * keep a virtual thread on its carrier, and there are few of those.
   */
  static Executor worker() {
    var thread = Thread.ofPlatform().daemon().name("write-back").factory();
    var one =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), thread);
    one.allowCoreThreadTimeOut(true);
    return one;
  }

  /** The file ends here now, behind where it did before or in front of it. */
  void endsAt(long size) {
    begun = Math.min(begun, size);
    if (size - begun >= STEP) {
      long from = begun;
      begun = size;
      started = true;
      worker.execute(() -> begin(from, size - from));
    }
  }

  private void begin(long position, long length) {
    if (file == null && pageCache != null) {
      try {
        file = pageCache.open(path);
      } catch (IOException _) {
        pageCache = null; // No descriptor was left, or it is over already: the sync does it all.
      }
    }
    if (file != null) {
      file.beginWriting(position, length);
    }
  }

  @Override
  public void close() {
    if (started) {
      worker.execute(this::end);
    }
  }

  private void end() {
    if (file != null) {
      file.close();
      file = null;
    }
  }
}
