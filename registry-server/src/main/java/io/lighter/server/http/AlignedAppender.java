package io.lighter.server.http;

import io.lighter.storage.BlobWriter;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;

/**
 * Appends what arrives in buffers of any length to a blob in larger pieces that end at multiples of
 * their size: a system that keeps files in pages then never touches one twice, and writing costs it
 * a fraction. What is collected is in the blob only after {@link #flush}. One thread.
 */
final class AlignedAppender {
  /** In bytes. */
  static final int PIECE = BodyBudget.PIECE;

  private final BlobWriter writer;
  private final byte[] piece;

  /** How much of the piece is filled, and how much it takes. */
  private int filled;

  private int room;

  /**
   * Continues a blob.
   *
   * @param capacity how much may be collected, at most {@link #PIECE}; 0 appends as it comes
   */
  AlignedAppender(BlobWriter writer, int capacity) {
    this.writer = writer;
    piece = new byte[capacity];
    room = room();
  }

  void append(Buffer bytes) {
    if (piece.length == 0) {
      writer.append(ByteBuffer.wrap(bytes.getBytes()));
      return;
    }
    int from = 0;
    while (from < bytes.length()) {
      int count = Math.min(bytes.length() - from, room - filled);
      bytes.getBytes(from, from + count, piece, filled);
      filled += count;
      from += count;
      if (filled == room) {
        flush();
      }
    }
  }

  /** Appends what was collected. */
  void flush() {
    if (filled > 0) {
      int count = filled;
      // Whatever comes of it: nothing is appended twice.
      filled = 0;
      writer.append(ByteBuffer.wrap(piece, 0, count));
      room = room();
    }
  }

  private int room() {
    return Math.min(piece.length, (int) (PIECE - writer.size() % PIECE));
  }
}
