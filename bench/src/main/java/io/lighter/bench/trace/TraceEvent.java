package io.lighter.bench.trace;

import java.util.Optional;

/**
 * A request of a recording.
 *
 * @param at milliseconds from the first request to the beginning of this one
 * @param took milliseconds from its beginning to the end of the answer
 * @param lane number of the connection
 * @param method in capitals
 * @param manifest tag or digest, of a request for a manifest
 * @param blob digest, of a request for a blob
 * @param size length of the blob, if the answer said it
 * @param ranges of the blob, as in the Range header behind {@code bytes=}; empty for all of it
 * @param status of the answer
 */
public record TraceEvent(
    double at,
    double took,
    int lane,
    String method,
    Optional<String> manifest,
    Optional<String> blob,
    Optional<Long> size,
    Optional<String> ranges,
    int status) {

  /** When the answer was complete. */
  public double end() {
    return at + took;
  }
}
