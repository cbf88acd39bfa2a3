package io.lighter.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answer to a request for several ranges: {@code multipart/byteranges} (RFC 9110, section 14.6)
 * with the parts in the order of the request. RFC 9110 allows other orders and merged parts;
 * requests of this program are ascending and have gaps, so that nothing is gained by either.
 */
public final class MultipartCheck extends AnswerCheck {
  private static final Pattern TYPE =
      Pattern.compile(
          "multipart/byteranges\\s*;.*boundary=(?:\"([^\"]+)\"|([^\\s;]+)).*",
          Pattern.CASE_INSENSITIVE);
  private static final int LONGEST_LINE = 8192;

  private enum State {
    DELIMITER,
    HEADERS,
    DATA,
    AFTER_DATA,
    EPILOGUE
  }

  private final List<ByteRange> wanted;
  private final long blobSize;
  private final Optional<ReferenceBytes> reference;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
  private String delimiter = "";
  private State state = State.DELIMITER;
  private int parts;
  private boolean located;
  private long received;

  /**
   * Expects these ranges.
   *
   * @param wanted two or more, as in the request
   * @param reference what the bytes are compared with
   */
  public MultipartCheck(List<ByteRange> wanted, long blobSize, Optional<ReferenceBytes> reference) {
    this.wanted = List.copyOf(wanted);
    this.blobSize = blobSize;
    this.reference = reference;
  }

  @Override
  protected void head(HttpResponse head) {
    requireStatus(head, 206);
    String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    Matcher matcher = TYPE.matcher(type);
    if (!matcher.matches()) {
      fail(
          FailureKind.PARTS,
          "Content-Type \"%s\" instead of multipart/byteranges with a boundary".formatted(type));
      return;
    }
    delimiter = "--" + (matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
  }

  @Override
  protected void body(ByteBuf piece) {
    int at = piece.readerIndex();
    int end = piece.writerIndex();
    while (at < end && failure().isEmpty()) {
      at = state == State.DATA ? data(piece, at, end) : text(piece, at, end);
    }
  }

  private int data(ByteBuf piece, int at, int end) {
    ByteRange part = wanted.get(parts);
    int length = (int) Math.min(end - at, part.length() - received);
    if (reference.isPresent()) {
      long wrong = reference.get().mismatch(part.first() + received, piece.slice(at, length));
      if (wrong >= 0) {
        fail(
            FailureKind.BYTES,
            "at offset %d of the blob, in part %d, range %s".formatted(wrong, parts + 1, part));
      }
    }
    received += length;
    if (received == part.length()) {
      state = State.AFTER_DATA;
      parts++;
    }
    return at + length;
  }

  private int text(ByteBuf piece, int at, int end) {
    int newline = piece.indexOf(at, end, (byte) '\n');
    int stop = newline < 0 ? end : newline;
    if (line.size() + stop - at > LONGEST_LINE) {
      fail(FailureKind.PARTS, "a line of more than %d bytes".formatted(LONGEST_LINE));
      return end;
    }
    for (int i = at; i < stop; i++) {
      line.write(piece.getByte(i));
    }
    if (newline < 0) {
      return end;
    }
    String text = line.toString(ISO_8859_1);
    line.reset();
    line(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    return newline + 1;
  }

  private void line(String text) {
    switch (state) {
      case DELIMITER -> delimiter(text);
      case HEADERS -> header(text);
      case AFTER_DATA -> {
        if (!text.isEmpty()) {
          fail(FailureKind.PARTS, "part %d is longer than its Content-Range".formatted(parts));
        }
        state = State.DELIMITER;
      }
      case EPILOGUE -> {}
      case DATA -> throw new IllegalStateException("data has no lines");
    }
  }

  private void delimiter(String text) {
    if (text.equals(delimiter + "--")) {
      state = State.EPILOGUE;
    } else if (text.equals(delimiter)) {
      state = State.HEADERS;
      located = false;
    } else if (!(text.isEmpty() && parts == 0)) { // A preamble of empty lines is common.
      fail(FailureKind.PARTS, "no boundary behind part %d".formatted(parts));
    }
  }

  private void header(String text) {
    if (text.isEmpty()) {
      if (!located) {
        fail(FailureKind.PARTS, "part %d has no Content-Range".formatted(parts + 1));
      }
      received = 0;
      state = State.DATA;
      return;
    }
    if (!text.toLowerCase(Locale.ROOT).startsWith("content-range:")) {
      return;
    }
    located = true;
    String range = text.substring("content-range:".length()).strip();
    if (parts == wanted.size()) {
      fail(FailureKind.PARTS, "more than %d parts".formatted(wanted.size()));
    } else if (!range.equals(expected(parts))) {
      FailureKind kind = isAnother(range) ? FailureKind.PART_ORDER : FailureKind.CONTENT_RANGE;
      fail(
          kind, "part %d is \"%s\" instead of \"%s\"".formatted(parts + 1, range, expected(parts)));
    }
  }

  private String expected(int part) {
    return "bytes " + wanted.get(part) + '/' + blobSize;
  }

  private boolean isAnother(String range) {
    for (int i = 0; i < wanted.size(); i++) {
      if (range.equals(expected(i))) {
        return true;
      }
    }
    return false;
  }

  @Override
  protected void end() {
    if (state == State.DELIMITER || state == State.EPILOGUE || state == State.HEADERS) {
      // The closing delimiter need not end with a line break.
      boolean closed =
          state == State.EPILOGUE || line.toString(ISO_8859_1).equals(delimiter + "--");
      if (parts != wanted.size()) {
        fail(FailureKind.PARTS, "%d parts instead of %d".formatted(parts, wanted.size()));
      } else if (!closed) {
        fail(FailureKind.PARTS, "no closing boundary");
      }
    } else {
      fail(FailureKind.LENGTH, "the body ends within part %d".formatted(parts + 1));
    }
  }
}
