package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.convert.ConversionHistory;
import io.lighter.server.convert.ConversionQueue;
import io.lighter.server.convert.ConversionQueue.Queued;
import io.lighter.storage.ConversionJob;
import io.lighter.storage.ConversionStore;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * {@code GET /admin/conversions?limit=N}: what is being converted, what waits in the order in which
 * it will be, what was given up and why, and how the last ones ended.
 */
public final class ConversionsView implements AdminView {
  private static final int LIMIT = 100;
  private static final int MOST = 1000;

  private final ConversionQueue queue;
  private final ConversionStore conversions;
  private final ConversionHistory history;

  public ConversionsView(
      ConversionQueue queue, ConversionStore conversions, ConversionHistory history) {
    this.queue = queue;
    this.conversions = conversions;
    this.history = history;
  }

  @Override
  public String name() {
    return "conversions";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("limit");
  }

  @Override
  public Record read(AdminRequest request) {
    int limit = request.number("limit", LIMIT, MOST);
    List<Queued> queued = queue.queued(limit);
    List<ConversionJob> parked = conversions.jobs(ConversionJob.State.PARKED);
    return new Document(
        new Counts(queue.running(), queue.backlog(), parked.size()),
        queued.stream().filter(Queued::running).map(Running::of).toList(),
        queued.stream().filter(each -> !each.running()).map(Waiting::of).toList(),
        parked.stream().limit(limit).map(Parked::of).toList(),
        history.last(limit).stream().map(Ended::of).toList());
  }

  /**
   * The queue.
   *
   * @param counts how many there are; the lists end at the limit
   * @param ended since the start of the server, the last one first
   */
  private record Document(
      Counts counts,
      List<Running> running,
      List<Waiting> waiting,
      List<Parked> parked,
      List<Ended> ended) {}

  private record Counts(int running, int waiting, int parked) {}

  private record Running(String repository, String digest, Instant since, int attempts) {
    static Running of(Queued queued) {
      ConversionJob job = queued.job();
      return new Running(
          job.repository().value(), job.image().toString(), queued.since(), job.attempts());
    }
  }

  /**
   * An image that waits.
   *
   * @param notBefore when it may be taken
   * @param reason why it was not converted before; empty if it was not tried
   */
  private record Waiting(
      String repository,
      String digest,
      Instant enqueuedAt,
      Instant notBefore,
      int attempts,
      String reason) {
    static Waiting of(Queued queued) {
      ConversionJob job = queued.job();
      return new Waiting(
          job.repository().value(),
          job.image().toString(),
          job.enqueuedAt(),
          queued.since(),
          job.attempts(),
          queued.reason());
    }
  }

  private record Parked(
      String repository, String digest, Instant enqueuedAt, int attempts, String reason) {
    static Parked of(ConversionJob job) {
      return new Parked(
          job.repository().value(),
          job.image().toString(),
          job.enqueuedAt(),
          job.attempts(),
          job.reason());
    }
  }

  private record Ended(
      String repository,
      String digest,
      Instant at,
      String outcome,
      String reason,
      long milliseconds) {
    static Ended of(ConversionHistory.Entry entry) {
      return new Ended(
          entry.repository().value(),
          entry.image().toString(),
          entry.at(),
          entry.outcome().name().toLowerCase(Locale.ROOT),
          entry.reason(),
          entry.took().toMillis());
    }
  }
}
