package io.lighter.server.admin;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What operators had this server do since its start: all that is under way, and the last {@value
 * #MOST} that ended. Thread-safe.
 */
public final class JobLog {
  static final int MOST = 100;

  private final Clock clock;
  private final Map<Long, Job> running = new LinkedHashMap<>(); // guarded by this
  private final Deque<Job> ended = new ArrayDeque<>(); // the last one first; guarded by this
  private long last; // guarded by this

  /** How far a job is. */
  public enum State {
    RUNNING,
    DONE,
    /** It was not begun, because of the request or of what else was being done. */
    REFUSED,
    FAILED,
    /** Whoever asked for it left, which ends it. */
    LEFT
  }

  /**
   * One of them.
   *
   * @param id counts up
   * @param operation its name
   * @param parameters as they were given
   * @param endedAt empty while it is under way
   * @param reason why it was refused or failed, else empty
   */
  public record Job(
      long id,
      String operation,
      Map<String, String> parameters,
      Instant startedAt,
      Optional<Instant> endedAt,
      State state,
      String reason) {}

  public JobLog(Clock clock) {
    this.clock = clock;
  }

  /** Notes that something begins; the answer names it to {@link #ended}. */
  synchronized long begins(String operation, Map<String, String> parameters) {
    long id = ++last;
    running.put(
        id,
        new Job(id, operation, parameters, clock.instant(), Optional.empty(), State.RUNNING, ""));
    return id;
  }

  /** Notes how it ended. */
  synchronized void ended(long id, State state, String reason) {
    Job job = running.remove(id);
    if (job != null) {
      ended.addFirst(
          new Job(
              id,
              job.operation(),
              job.parameters(),
              job.startedAt(),
              Optional.of(clock.instant()),
              state,
              reason));
      if (ended.size() > MOST) {
        ended.removeLast();
      }
    }
  }

  /** What is under way, the first one first, then what ended, the last one first. */
  public synchronized List<Job> jobs() {
    return Stream.concat(running.values().stream(), ended.stream()).toList();
  }
}
