package io.lighter.bench.report;

import io.lighter.bench.load.FailureKind;
import io.lighter.bench.load.Tally;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One line of a result.
 *
 * @param server whose answers these are
 * @param work what was asked for
 * @param connections how many at a time
 * @param requests how many ended, errors among them
 * @param ranges how many ranges were answered without an error
 * @param bytes length of all bodies
 * @param seconds from the first request to the last answer
 * @param errors how many, by the names of {@link FailureKind}
 * @param latency from the beginning of a request to the end of its answer, successes only
 * @param firstByte from the beginning of a request to the head of its answer, successes only
 * @param serverCpu microseconds of processor time of the server's processes, of the whole run
 * @param clientCpu the same of this program
 */
public record Measurement(
    String server,
    String work,
    int connections,
    long requests,
    long ranges,
    long bytes,
    double seconds,
    Map<String, Long> errors,
    Latency latency,
    Latency firstByte,
    Optional<Double> serverCpu,
    double clientCpu) {

  /**
   * What a run counted.
   *
   * @param serverCpu nanoseconds
   * @param clientCpu nanoseconds
   */
  public static Measurement of(
      String server,
      String work,
      int connections,
      Tally tally,
      OptionalLong serverCpu,
      long clientCpu) {
    var errors = new TreeMap<String, Long>();
    tally.failures().forEach((kind, count) -> errors.put(kind.name(), count));
    return new Measurement(
        server,
        work,
        connections,
        tally.requests(),
        tally.ranges(),
        tally.bytes(),
        tally.seconds(),
        errors,
        Latency.of(tally.nanos()),
        Latency.of(tally.firstByteNanos()),
        serverCpu.isPresent() ? Optional.of(serverCpu.getAsLong() / 1e3) : Optional.empty(),
        clientCpu / 1e3);
  }

  /** Requests in a second. */
  public double rate() {
    return seconds == 0 ? 0 : requests / seconds;
  }

  /** Mebibytes in a second. */
  public double throughput() {
    return seconds == 0 ? 0 : bytes / seconds / (1 << 20);
  }

  /** Microseconds of the server's processor time per request. */
  public Optional<Double> serverCpuPerRequest() {
    return serverCpu.filter(_ -> requests > 0).map(total -> total / requests);
  }

  /** Microseconds of the server's processor time per range. */
  public Optional<Double> serverCpuPerRange() {
    return serverCpu.filter(_ -> ranges > 0).map(total -> total / ranges);
  }

  /** Whether everything went well, and something did. */
  public boolean clean() {
    return errors.isEmpty() && requests > 0;
  }
}
