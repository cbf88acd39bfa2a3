package io.lighter.server.watch;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after files and tells when they hold something else. Polls: it works on every file system,
 * whichever of the links on the way is replaced. Thread-safe; has a thread of its own, on which
 * everybody is told.
 */
public final class FileWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);

  private final List<Watched> all = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("file-watch").daemon().factory());

  /**
   * Begins to look.
   *
   * @param interval how often the files are read
   */
  public FileWatch(Duration interval) {
    var _ =
        executor.scheduleWithFixedDelay(
            this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Looks after files from here on.
   *
   * @param known what the caller has read of them
   * @param changed is given what they hold now; what it throws is logged, and it is not called
   *     again before they change once more
   */
  public void watch(FileSnapshot known, Consumer<FileSnapshot> changed) {
    all.add(new Watched(known, changed));
  }

  private void look() {
    all.forEach(Watched::look);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  private static final class Watched {
    private final Consumer<FileSnapshot> changed;
    private FileSnapshot known;
    private String trouble = "";

    Watched(FileSnapshot known, Consumer<FileSnapshot> changed) {
      this.known = known;
      this.changed = changed;
    }

    void look() {
      try {
        FileSnapshot now = FileSnapshot.of(known.files());
        trouble = "";
        if (!now.sameAs(known)) {
          known = now;
          changed.accept(now);
        }
      } catch (UncheckedIOException e) { // Perhaps they are just being replaced.
        String message = String.valueOf(e.getMessage());
        if (!message.equals(trouble)) {
          trouble = message;
          LOG.warn("{}; what was read before stays in force", message);
        }
      } catch (RuntimeException e) {
        LOG.warn("{}; what was read before stays in force", e.getMessage());
      }
    }
  }
}
