package io.lighter.server.convert;

import io.lighter.conversion.ConversionException;
import io.lighter.conversion.PrefetchList;
import io.lighter.oci.Digest;
import io.lighter.server.content.Repositories;
import io.lighter.server.convert.ConversionHistory.Outcome;
import io.lighter.server.convert.ConversionQueue.Ticket;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.trace.CurrentSpan;
import io.lighter.server.trace.Span;
import io.lighter.server.trace.Tracer;
import io.lighter.server.upstream.UpstreamException;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import io.lighter.storage.LazyViewPut;
import io.lighter.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
  private final PrefetchLists lists;
  private final RegistryMetrics metrics;
  private final ConversionHistory history;
  private final Tracer tracer;
  private final BackgroundThreads background;
  private final Consumer<LazyViewPut> onPublished;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  /**
   * Workers that are not started.
   *
   * @param history is told how conversions ended
   * @param tracer begins a trace for each conversion
   * @param onPublished called after a tag has got a lazy view, or another one
   */
  public ConversionWorkers(
      ConversionQueue queue,
      ImageConversion images,
      Repositories repositories,
      ConversionStore store,
      PrefetchLists lists,
      RegistryMetrics metrics,
      ConversionHistory history,
      Tracer tracer,
      BackgroundThreads background,
      Consumer<LazyViewPut> onPublished) {
    this.queue = queue;
    this.images = images;
    this.repositories = repositories;
    this.store = store;
    this.lists = lists;
    this.metrics = metrics;
    this.history = history;
    this.tracer = tracer;
    this.background = background;
    this.onPublished = onPublished;
  }

  /** Starts this many threads. */
  public void start(int workers) {
    for (int i = 1; i <= workers; i++) {
      threads.add(background.newThread(this::run));
      threads.getLast().start();
    }
  }

  private void run() {
    while (!closed) {
      try {
        work(queue.take());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void work(Ticket ticket) {
    Optional<Span> begun = tracer.background("conversion");
    if (begun.isEmpty()) {
      attempt(ticket);
      return;
    }
    try (Span span = begun.get()) {
      span.set("lighter.repository", ticket.job().repository().toString());
      span.set("lighter.image", ticket.job().image().toString());
      CurrentSpan.run(span, () -> attempt(ticket));
    }
  }

  private void attempt(Ticket ticket) {
    try {
      convert(ticket);
    } catch (RuntimeException e) {
      if (!closed) {
        LOG.error("conversion queue cannot be written", e);
        queue.postpone(ticket, MAX_DELAY, e.toString());
      }
    } finally {
      queue.ended(ticket);
    }
  }

  private void convert(Ticket ticket) {
    ConversionJob job = ticket.job();
    long startedAt = System.nanoTime();
    try {
      Optional<PrefetchList> list = lists.set(job.repository(), job.image());
      LazyViewPut view = images.convert(repositories.stored(job.repository()), job.image(), list);
      Optional<Digest> lazy = store.publish(view);
      lazy.ifPresent(_ -> onPublished.accept(view));
      if (lazy.isPresent() && !lists.set(job.repository(), job.image()).equals(list)) {
        // It was changed meanwhile, when this job was in the way of another one.
        queue.offer(job.repository(), job.image());
      }
      ended(lazy.isPresent() ? "published" : "unchanged");
      Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
      history.add(job, lazy.isPresent() ? Outcome.LAZY : Outcome.ORIGINAL, "", took);
      lazy.ifPresent(digest ->
          LOG.info(
              "{} {} is lazy now as {}, after {} ms",
              job.repository(),
              job.image(),
              digest,
              took.toMillis()));
    } catch (MissingContentException
        | NothingToConvertException
        | UpstreamException.NotFound
        | UpstreamException.Denied e) {
      // Deleted meanwhile, sparse, not for us, or of platforms that are not pulled yet: that can
      // change, so the next pull or push offers it again. What was learnt of its layers is kept.
      ended("unchanged");
      LOG.info("{} {} stays as it is: {}", job.repository(), job.image(), e.getMessage());
      history.add(
          job,
          Outcome.ORIGINAL,
          String.valueOf(e.getMessage()),
          Duration.ofNanos(System.nanoTime() - startedAt));
      queue.drop(ticket);
    } catch (ConversionException e) {
      park(ticket, e);
    } catch (UpstreamException.Unreachable
        | UpstreamException.RateLimited
        | StorageException.OutOfSpace
        | StorageException.Unavailable e) {
      postpone(ticket, e);
    } catch (IOException | RuntimeException e) {
      if (closed) {
        return; // Interrupted by the stop: the job stays pending and goes on after the start.
      }
      if (job.attempts() + 1 >= MAX_ATTEMPTS) {
        LOG.error("conversion of {} {} failed", job.repository(), job.image(), e);
        park(ticket, e);
      } else {
        Duration delay = delay(job.attempts());
        tryAgain(job, delay, e);
        queue.retry(ticket, delay, e.toString());
      }
    }
  }

  private void ended(String outcome) {
    metrics.imageConverted(outcome);
    CurrentSpan.get().ifPresent(span -> span.set("lighter.outcome", outcome));
  }

  /** What fails for a reason that passes has not had its attempt. */
  private void postpone(Ticket ticket, Exception failure) {
    if (!closed) {
      Duration delay = delay(ticket.postponements());
      tryAgain(ticket.job(), delay, failure);
      queue.postpone(ticket, delay, failure.toString());
    }
  }

  private static Duration delay(int times) {
    Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(times, 10));
    return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
  }

  private void tryAgain(ConversionJob job, Duration delay, Exception failure) {
    ended("retried");
    LOG.warn(
        "conversion of {} {} is tried again in {} s: {}",
        job.repository(),
        job.image(),
        delay.toSeconds(),
        failure.toString());
  }

  private void park(Ticket ticket, Exception failure) {
    ConversionJob job = ticket.job();
    ended("parked");
    LOG.info("{} {} stays as it is: {}", job.repository(), job.image(), failure.getMessage());
    queue.park(ticket, String.valueOf(failure.getMessage()));
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
