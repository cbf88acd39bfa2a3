package io.lighter.server.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The meaning of answers that are not what was asked for: the only mapping from an upstream's
 * status to an exception.
 *
 * @param upstream name of the upstream, for messages
 * @param clock to work out {@code Retry-After} dates
 */
record RefusedAnswers(String upstream, Clock clock) {
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  /**
   * What an answer means.
   *
   * @param what what was asked, for the message
   */
  UpstreamException exception(UpstreamResponse response, String what) {
    int status = response.status();
    String message = "%s answered %d to %s".formatted(upstream, status, what);
    return switch (status) {
      case 404, 410 -> new UpstreamException.NotFound(message);
      case 401, 403 -> new UpstreamException.Denied(message);
      case 429 -> new UpstreamException.RateLimited(message, retryAfter(response));
      case 408 -> new UpstreamException.Failed(message);
      default ->
          status >= 500
              ? new UpstreamException.Failed(message)
              : new UpstreamException.Invalid(message, null);
    };
  }

  /** Seconds or a date (RFC 9110, 10.2.3). */
  private Optional<Duration> retryAfter(UpstreamResponse response) {
    return response.header("Retry-After").map(String::strip).flatMap(this::parse);
  }

  private Optional<Duration> parse(String text) {
    try {
      Duration wait =
          text.matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(
                  Instant.now(clock),
                  ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
      if (wait.isNegative()) {
        return Optional.of(Duration.ZERO);
      }
      return Optional.of(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
