package io.lighter.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a request's head, with a gap where the positions of its {@code Range} were. What
 * else is like it byte by byte, and has nothing but digits, hyphens and commas in the gap, any
 * decoder takes for the same head with another range: neither can end a line, or begin one.
 *
 * <p>Immutable; the buffers that it is asked about are not changed either.
 */
final class HeadPattern {
  /** Half of what the decoder takes for a head, so that it would have taken this one too. */
  private static final int LONGEST = 32 * 1024;

  /** What is kept of a head, as long as the connection is there. */
  private static final int MOST_KEPT = 2 * 1024;

  private static final String LINE_END = "\r\n";
  private static final String RANGE_LINE = LINE_END + "Range:";
  private static final String UNIT = "bytes=";
  private static final String RANGE_VALUE = RANGE_LINE + " " + UNIT;

  private final ByteBuf before;
  private final ByteBuf behind;
  private final boolean hasRange;

  private HeadPattern(String before, String behind, boolean hasRange) {
    this.before = bytes(before);
    this.behind = bytes(behind);
    this.hasRange = hasRange;
  }

  /**
   * The pattern of a head, if it is plain enough to have one.
   *
   * @param head all bytes of it and nothing else
   * @param range the {@code Range} that the decoder found in it, null if there is none
   */
  static Optional<HeadPattern> of(ByteBuf head, @Nullable String range) {
    if (head.readableBytes() > LONGEST) {
      return Optional.empty();
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int from = text.length();
    int to = from;
    if (range != null) {
      int line = find(text, RANGE_VALUE, 0);
      if (line < 0) {
        return Optional.empty();
      }
      from = line + RANGE_VALUE.length();
      to = from;
      while (isOfPositions(text.charAt(to))) { // A head has a line's end behind it.
        to++;
      }
      // Folded lines, and all that may be the value together with these.
      if (!text.substring(from - UNIT.length(), to).equals(range)
          || find(text, RANGE_LINE, to) >= 0) {
        return Optional.empty();
      }
    }
    return text.length() - (to - from) > MOST_KEPT
        ? Optional.empty()
        : Optional.of(new HeadPattern(text.substring(0, from), text.substring(to), range != null));
  }

  private static int find(String text, String line, int from) {
    int at = text.indexOf(LINE_END, from);
    while (at >= 0 && !text.regionMatches(true, at, line, 0, line.length())) {
      at = text.indexOf(LINE_END, at + 1);
    }
    return at;
  }

  private static boolean isOfPositions(int c) {
    return (c >= '0' && c <= '9') || c == '-' || c == ',';
  }

  /** Whether these bytes are the same head, but for its range. */
  boolean matches(ByteBuf head) {
    int start = head.readerIndex();
    int gap = gap(head);
    return gap >= 0
        && (hasRange || gap == 0)
        && head.readableBytes() <= LONGEST
        && ByteBufUtil.equals(before, 0, head, start, before.readableBytes())
        && ByteBufUtil.equals(
            behind, 0, head, head.writerIndex() - behind.readableBytes(), behind.readableBytes())
        && head.forEachByte(start + before.readableBytes(), gap, HeadPattern::isOfPositions) < 0;
  }

  /** The {@code Range} of a head that matches; null if it has none. */
  @Nullable String range(ByteBuf head) {
    return hasRange
        ? head.toString(
            head.readerIndex() + before.readableBytes() - UNIT.length(),
            UNIT.length() + gap(head),
            StandardCharsets.ISO_8859_1)
        : null;
  }

  private int gap(ByteBuf head) {
    return head.readableBytes() - before.readableBytes() - behind.readableBytes();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
