package io.lighter.server.upstream;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Why an upstream does not confirm what is known of it. */
public enum StaleReason {
  /** No connection, or one that broke. */
  UNREACHABLE("cannot be reached"),
  /** No answer within the time that a client is made to wait. */
  SLOW("does not answer in time"),
  /** It has had too many requests of ours. */
  LIMITED("limits our requests"),
  /** It answers with a server error, or with something that cannot be what was asked for. */
  ERROR("fails"),
  /** It does not let us in, or not any more. */
  DENIED("refuses us"),
  /** It says that it does not have this, or not any more. */
  MISSING("does not have this any more");

  private final String text;

  StaleReason(String text) {
    this.text = text;
  }

  /** What kind of reason a failure is. */
  public static StaleReason of(UpstreamException failure) {
    return switch (failure) {
      case UpstreamException.Failed _, UpstreamException.Invalid _ -> ERROR;
      case UpstreamException.Unreachable _ -> UNREACHABLE;
      case UpstreamException.RateLimited _ -> LIMITED;
      case UpstreamException.Denied _ -> DENIED;
      case UpstreamException.NotFound _ -> MISSING;
    };
  }

  /** What a client is told in a {@code Warning} header; without quotation marks. */
  public String warning(String upstream, Instant confirmedAt) {
    return "upstream %s %s; last confirmed %s"
        .formatted(upstream, text, confirmedAt.truncatedTo(ChronoUnit.SECONDS));
  }

  /** The same for a list of which upstream's part is not known. */
  public String warningOfPart(String upstream) {
    return "upstream %s %s; only what is stored here is listed".formatted(upstream, text);
  }
}
