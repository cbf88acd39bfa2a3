package io.lighter.server.prefetch;

import io.lighter.server.content.ImageName;
import io.lighter.server.content.PlatformPattern;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pulls images again and again, one at a time, on a thread of its own. */
public final class PrefetchSchedule implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PrefetchSchedule.class);

  private final Prefetch prefetch;
  private final Map<Entry, Future<?>> scheduled = new LinkedHashMap<>(); // guarded by this
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("prefetch").daemon().factory());

  /**
   * An image that shall be here.
   *
   * @param platforms which images of an index; that of this machine if empty
   * @param every time from the end of a pull to the next one
   */
  public record Entry(ImageName image, List<PlatformPattern> platforms, Duration every) {
    public Entry {
      platforms = List.copyOf(platforms);
    }
  }

  /** An empty schedule. */
  public PrefetchSchedule(Prefetch prefetch) {
    this.prefetch = prefetch;
  }

  /**
   * Has these images pulled and no others. Each that was not among those before is pulled at once
   * for the first time; a pull that is under way comes to its end.
   */
  public synchronized void replace(List<Entry> entries) {
    scheduled
        .entrySet()
        .removeIf(each -> !entries.contains(each.getKey()) && each.getValue().cancel(false));
    entries.forEach(entry -> scheduled.computeIfAbsent(entry, this::schedule));
  }

  private Future<?> schedule(Entry entry) {
    return thread.scheduleWithFixedDelay(
        () -> pull(entry), 0, entry.every().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void pull(Entry entry) {
    try {
      if (prefetch.isUntimely(entry.image())) {
        LOG.warn("{} is not pulled ahead now: upstream allows few more pulls", entry.image());
        return;
      }
      Prefetch.Summary pulled = prefetch.pull(entry.image(), entry.platforms(), _ -> {});
      if (pulled.fetchedBlobs() > 0) {
        LOG.info(
            "pulled {} ahead: {} blobs, {} bytes, in {} ms",
            entry.image(),
            pulled.fetchedBlobs(),
            pulled.fetchedBytes(),
            pulled.duration().toMillis());
      }
    } catch (RuntimeException e) {
      LOG.warn("{} was not pulled ahead: {}", entry.image(), e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
