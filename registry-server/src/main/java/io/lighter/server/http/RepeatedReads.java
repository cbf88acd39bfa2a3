package io.lighter.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request that says the same as the one before but for its range, without decoding it: a
 * lazy client asks one thing after another of one blob. Stands in front of the HTTP decoder, which
 * sees all other bytes, and whose opinion about where a request ends is the only one: what it found
 * out about a head holds for the same bytes.
 *
 * <p>One instance for each connection; event loop only.
 */
final class RepeatedReads extends ChannelInboundHandlerAdapter {
  private static final int BLANK_LINE = 0x0d0a0d0a;

  private final Requests requests;

  /** What the last bytes were, if they were a head and nothing else, and were answered. */
  private @Nullable Known known;

  /** Whether the decoder has nothing of a request whose end it has not seen. */
  private boolean betweenRequests;

  RepeatedReads(Requests requests) {
    this.requests = requests;
  }

  /** What becomes of the requests of this connection behind the decoder. */
  interface Requests {
    /** How many were decoded. */
    long decoded();

    /** Whether the decoder has come to the end of one, and to nothing behind it. */
    boolean isEndDecoded();

    /** The one that was decoded last, if it was answered at once. */
    @Nullable PlainRead answered();

    /**
     * Answers one that says the same as another that was answered at once, but for its range.
     *
     * @param range what part is wanted, as the header has it, null if it is all
     * @return whether it is answered; otherwise it has to be decoded
     */
    boolean answerAgain(PlainRead read, @Nullable String range);
  }

  private record Known(HeadPattern head, PlainRead read) {}

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    boolean isNew = false;
    try {
      isNew = !isAnswered(bytes);
    } finally {
      if (!isNew) {
        bytes.release();
      }
    }
    if (isNew) {
      decode(context, bytes);
    }
  }

  private boolean isAnswered(ByteBuf bytes) {
    return known != null
        && known.head().matches(bytes)
        && requests.answerAgain(known.read(), known.head().range(bytes));
  }

  private void decode(ChannelHandlerContext context, ByteBuf bytes) {
    known = null;
    boolean endsHead = endsWithBlankLine(bytes);
    ByteBuf head = betweenRequests && endsHead ? bytes.retainedDuplicate() : null;
    long before = requests.decoded();
    try {
      context.fireChannelRead(bytes);
      // Bytes that end a head, and are not its end, would have made another request.
      betweenRequests = endsHead && requests.isEndDecoded();
      PlainRead read = requests.answered();
      if (head != null && betweenRequests && requests.decoded() == before + 1 && read != null) {
        known =
            HeadPattern.of(head, read.selection().range())
                .map(pattern -> new Known(pattern, read))
                .orElse(null);
      }
    } finally {
      if (head != null) {
        head.release();
      }
    }
  }

  private static boolean endsWithBlankLine(ByteBuf bytes) {
    return bytes.readableBytes() > Integer.BYTES
        && bytes.getInt(bytes.writerIndex() - Integer.BYTES) == BLANK_LINE;
  }
}
