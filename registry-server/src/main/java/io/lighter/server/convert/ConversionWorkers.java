package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.oci.Digest;
import io.lighter.server.content.Repositories;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that convert. Each takes a job, converts its image and publishes the result; what
 * fails for a reason that passes is tried again for ever with growing delays, what fails otherwise
 * is parked with its reason after {@value #MAX_ATTEMPTS} attempts, and what cannot be converted at
 * once. Serving knows nothing of any of it.
 */
public final class ConversionWorkers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConversionWorkers.class);
  private static final int MAX_ATTEMPTS = 3;
  private static final Duration FIRST_DELAY = Duration.ofSeconds(2);
  private static final Duration MAX_DELAY = Duration.ofMinutes(5);

  private final ConversionQueue queue;
  private final ImageConversion images;
  private final Repositories repositories;
  private final ConversionStore store;
  private final RegistryMetrics metrics;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  public ConversionWorkers(
      ConversionQueue queue,
      ImageConversion images,
      Repositories repositories,
      ConversionStore store,
      RegistryMetrics metrics) {
    this.queue = queue;
    this.images = images;
    this.repositories = repositories;
    this.store = store;
    this.metrics = metrics;
  }

  /** Starts this many threads. */
  public void start(int workers) {
    for (int i = 1; i <= workers; i++) {
      threads.add(Thread.ofPlatform().name("conversion-" + i).daemon().start(this::run));
    }
  }

  private void run() {
    while (!closed) {
      try {
        convert(queue.take());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        // The outcome could not be noted; the job is still durable and comes back with a restart.
        if (!closed) {
          LOG.error("conversion queue cannot be written", e);
        }
      }
    }
  }

  private void convert(ConversionJob job) {
    long startedAt = System.nanoTime();
    try {
      Optional<Digest> lazy =
          store.publish(images.convert(repositories.stored(job.repository()), job.image()));
      metrics.imageConverted(lazy.isPresent() ? "published" : "unchanged");
      lazy.ifPresent(digest ->
          LOG.info(
              "{} {} is lazy now as {}, after {} ms",
              job.repository(),
              job.image(),
              digest,
              Duration.ofNanos(System.nanoTime() - startedAt).toMillis()));
    } catch (MissingContentException | NothingToConvertException e) {
      // Deleted meanwhile, sparse, or of platforms that are not pulled yet: all that can change, so
      // the next pull or push offers it again. What was learnt of its layers is kept.
      metrics.imageConverted("unchanged");
      LOG.info("{} {} stays as it is: {}", job.repository(), job.image(), e.getMessage());
      queue.drop(job);
    } catch (ConversionException e) {
      park(job, e);
    } catch (UpstreamException.Unreachable
        | UpstreamException.RateLimited
        | StorageException.OutOfSpace
        | StorageException.Unavailable e) {
      retry(job, e);
    } catch (IOException | RuntimeException e) {
      if (closed) {
        return; // Interrupted by the stop: the job stays pending and goes on after the start.
      }
      if (job.attempts() + 1 >= MAX_ATTEMPTS) {
        LOG.error("conversion of {} {} failed", job.repository(), job.image(), e);
        park(job, e);
      } else {
        retry(job, e);
      }
    }
  }

  private void retry(ConversionJob job, Exception failure) {
    if (closed) {
      return;
    }
    Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(job.attempts(), 10));
    if (delay.compareTo(MAX_DELAY) > 0) {
      delay = MAX_DELAY;
    }
    metrics.imageConverted("retried");
    LOG.warn(
        "conversion of {} {} is tried again in {} s: {}",
        job.repository(),
        job.image(),
        delay.toSeconds(),
        failure.toString());
    queue.retry(job, delay, failure.toString());
  }

  private void park(ConversionJob job, Exception failure) {
    metrics.imageConverted("parked");
    LOG.info("{} {} stays as it is: {}", job.repository(), job.image(), failure.getMessage());
    queue.park(job, String.valueOf(failure.getMessage()));
  }

  /** Stops the threads; jobs under way stay pending. */
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
