package io.lighter.server.observe;

import java.time.Duration;
import java.util.Set;

/**
 * A request that has been answered.
 *
 * @param id names the request
 * @param client address of the client
 * @param method HTTP method
 * @param uri path and query as they were sent
 * @param endpoint kind of endpoint, one of a small fixed set
 * @param status status of the answer; 499 if the client left before it was out
 * @param bytes bytes of the body that were sent
 * @param duration from the end of the request's headers to the end of the answer
 * @param userAgent what the client calls itself, empty if nothing
 * @param range the {@code Range} header, empty if none
 * @param trace id of the trace that it is part of, empty if none
 * @param timing where the first part of the duration went
 */
public record RequestRecord(
    String id,
    String client,
    String method,
    String uri,
    String endpoint,
    int status,
    long bytes,
    Duration duration,
    String userAgent,
    String range,
    String trace,
    Timing timing) {
  /** What {@link #knownMethod} says of a word that is no method. */
  public static final String OTHER = "other";

  /** Clients may send any word as a method. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** The method, one of a small fixed set. */
  public String knownMethod() {
    return METHODS.contains(method) ? method : OTHER;
  }

  /**
   * Where the time went before the answer began, in nanoseconds; the rest is its way out.
   *
   * @param waited until a thread took the request up
   * @param decided from then on until it was known what to answer
   */
  public record Timing(long waited, long decided) {
    /** Of a request that was answered at once. */
    public static final Timing NONE = new Timing(0, 0);
  }
}
