package io.lighter.bench.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What was counted in a run. Not thread-safe. */
public final class Tally {
  private static final int DIGITS = 3;
  private static final int EXAMPLES = 5;

  private final Histogram nanos = new Histogram(DIGITS);
  private final Histogram firstByteNanos = new Histogram(DIGITS);
  private final Map<FailureKind, Long> failures = new EnumMap<>(FailureKind.class);
  private final List<Failure> examples = new ArrayList<>();
  private long requests;
  private long ranges;
  private long bytes;
  private long elapsed;

  /** Counts an exchange; latencies are those of successes only. */
  public void add(Call call, Outcome outcome) {
    requests++;
    bytes += outcome.bytes();
    outcome
        .failure()
        .ifPresentOrElse(
            this::add,
            () -> {
              ranges += call.ranges();
              nanos.recordValue(outcome.nanos());
              firstByteNanos.recordValue(outcome.firstByte() - outcome.start());
            });
  }

  /** Counts something that is no exchange, and took so many nanoseconds. */
  public void add(long took) {
    requests++;
    nanos.recordValue(took);
    firstByteNanos.recordValue(took);
  }

  private void add(Failure failure) {
    failures.merge(failure.kind(), 1L, Long::sum);
    if (examples.size() < EXAMPLES) {
      examples.add(failure);
    }
  }

  /** Says how many nanoseconds passed from the first request to the last answer. */
  public void elapsed(long passed) {
    elapsed = passed;
  }

  /** Takes in the failures of another run, and nothing else of it. */
  public void addFailuresOf(Tally other) {
    other.failures.forEach((kind, count) -> failures.merge(kind, count, Long::sum));
    other.examples.stream().limit(EXAMPLES - examples.size()).forEach(examples::add);
  }

  /** Times from the beginning of a request to the end of its answer. */
  public Histogram nanos() {
    return nanos;
  }

  /** Times from the beginning of a request to the head of its answer. */
  public Histogram firstByteNanos() {
    return firstByteNanos;
  }

  /** How many requests ended, errors among them. */
  public long requests() {
    return requests;
  }

  /** How many ranges were answered without an error. */
  public long ranges() {
    return ranges;
  }

  /** Bytes of all bodies. */
  public long bytes() {
    return bytes;
  }

  /** Seconds from the first request to the last answer. */
  public double seconds() {
    return elapsed / 1e9;
  }

  /** Errors by kind. */
  public Map<FailureKind, Long> failures() {
    return failures;
  }

  /** The first errors. */
  public List<Failure> examples() {
    return List.copyOf(examples);
  }
}
