package io.lighter.server.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A log line on its way from text to UTF-8, in memory that is used again: a server that logs each
 * request would fill a heap with lines otherwise. One thread at a time.
 */
final class LineBuffer {
  /** Characters of a line that need no memory of their own. Few are longer. */
  private static final int ROOM = 1024;

  private final StringBuilder text = new StringBuilder(ROOM);
  private final CharBuffer chars = CharBuffer.allocate(ROOM);
  private final CharsetEncoder encoder =
      StandardCharsets.UTF_8
          .newEncoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final ByteBuffer bytes =
      ByteBuffer.allocate((int) (ROOM * (double) encoder.maxBytesPerChar()));

  /** What the line says; empty at first, and after it was written. */
  StringBuilder text() {
    return text;
  }

  /** Whether it has not grown, so that it is worth being kept. */
  boolean isSmall() {
    return text.capacity() <= ROOM;
  }

  /** Writes the line, all of it at once, and begins another one. */
  void writeTo(OutputStream output) throws IOException {
    int length = text.length();
    if (length > ROOM) {
      output.write(text.toString().getBytes(StandardCharsets.UTF_8));
    } else {
      text.getChars(0, length, chars.array(), 0);
      chars.position(0).limit(length);
      bytes.clear();
      encoder.reset().encode(chars, bytes, true);
      encoder.flush(bytes);
      output.write(bytes.array(), 0, bytes.position());
    }
    text.setLength(0);
  }
}
