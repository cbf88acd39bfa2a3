package io.lighter.bench.load;

import java.util.Optional;

/**
 * How an exchange went.
 *
 * @param start when it was begun, with the connection if one had to be made, as {@link
 *     System#nanoTime}
 * @param firstByte when its head had come; {@code end} if none did
 * @param end when it was over
 * @param bytes length of the answer's body as far as it came, and of the request's when it was sent
 * @param failure why it is an error
 */
public record Outcome(long start, long firstByte, long end, long bytes, Optional<Failure> failure) {

  /** The same exchange, which should have begun at another time. */
  public Outcome begunAt(long due) {
    return new Outcome(due, firstByte, end, bytes, failure);
  }

  /** Nanoseconds from the start to the end. */
  public long nanos() {
    return end - start;
  }
}
