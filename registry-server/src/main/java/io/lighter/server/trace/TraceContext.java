package io.lighter.server.trace;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A trace and the piece of work in it that causes others (W3C Trace Context, "traceparent").
 *
 * @param traceId 32 hexadecimal digits, not all 0
 * @param parentId 16 hexadecimal digits, not all 0: the piece of work
 * @param flags 2 hexadecimal digits
 */
public record TraceContext(String traceId, String parentId, String flags) {
  /** Name of the header that carries it. */
  public static final String HEADER = "traceparent";

  /** Key of log lines. */
  public static final String LOG_KEY = "trace";

  private static final int TRACE = 3;
  private static final int PARENT = TRACE + 32 + 1;
  private static final int FLAGS = PARENT + 16 + 1;
  private static final int LENGTH = FLAGS + 2;

  /** What a header says; empty if there is none, or it is malformed and so to be ignored. */
  public static Optional<TraceContext> parse(@Nullable String header) {
    if (header == null
        || header.length() < LENGTH
        || header.startsWith("ff")
        || !isHex(header, 0, TRACE - 1)
        || header.charAt(TRACE - 1) != '-'
        || header.charAt(PARENT - 1) != '-'
        || header.charAt(FLAGS - 1) != '-'
        || !isHex(header, FLAGS, LENGTH)
        || !isId(header, TRACE, PARENT - 1)
        || !isId(header, PARENT, FLAGS - 1)
        // Later versions may go on behind these; the first one does not.
        || (header.length() > LENGTH
            && (header.startsWith("00") || header.charAt(LENGTH) != '-'))) {
      return Optional.empty();
    }
    return Optional.of(
        new TraceContext(
            header.substring(TRACE, PARENT - 1),
            header.substring(PARENT, FLAGS - 1),
            header.substring(FLAGS, LENGTH)));
  }

  private static boolean isId(String text, int from, int to) {
    boolean zero = true;
    for (int i = from; i < to; i++) {
      zero &= text.charAt(i) == '0';
    }
    return !zero && isHex(text, from, to);
  }

  /** In lower case, as the specification has it. */
  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  /** Whether the caller records his part. */
  public boolean isSampled() {
    return (Character.digit(flags.charAt(1), 16) & 1) == 1;
  }

  /** The same trace, and an id of its own for a piece of work that this one causes. */
  public TraceContext child() {
    long id = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    return new TraceContext(traceId, HexFormat.of().toHexDigits(id), flags);
  }

  /** What a header says for requests that this piece of work causes. */
  public String header() {
    return "00-%s-%s-%s".formatted(traceId, parentId, flags);
  }
}
