package io.lighter.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.StorageException;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlignedAppenderTest {
  private static final int PIECE = AlignedAppender.PIECE;

  private final RecordingWriter writer = new RecordingWriter();

  @Test
  void append_pastTheBeginOfABlob_writesPiecesThatEndAtMultiples() {
    writer.append(ByteBuffer.wrap(new byte[1000]));
    var blob = new AlignedAppender(writer, PIECE);

    send(blob, new byte[2 * PIECE + 5], 64 * 1024);
    blob.flush();

    assertThat(writer.lengths).containsExactly(1000, PIECE - 1000, PIECE, 1005);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, PIECE - 1, PIECE})
  void append_buffersOfAnyLength_keepsEveryByteInOrder(int capacity) {
    var content = new byte[3 * PIECE / 2 + 77];
    new Random(7).nextBytes(content);
    var blob = new AlignedAppender(writer, capacity);

    send(blob, content, 40_001);
    blob.flush();
    blob.flush();

    assertThat(writer.bytes.toByteArray()).isEqualTo(content);
  }

  @Test
  void append_withoutRoomToCollect_writesAtOnce() {
    var blob = new AlignedAppender(writer, 0);

    send(blob, new byte[30], 10);

    assertThat(writer.lengths).containsExactly(10, 10, 10);
  }

  @Test
  void flush_thatFails_appendsNothingTwice() {
    var blob = new AlignedAppender(writer, PIECE);
    send(blob, new byte[30], 10);
    writer.full = true;
    assertThatThrownBy(blob::flush).isInstanceOf(StorageException.OutOfSpace.class);
    writer.full = false;

    blob.flush();

    assertThat(writer.lengths).isEmpty();
  }

  private static void send(AlignedAppender blob, byte[] content, int length) {
    for (int from = 0; from < content.length; from += length) {
      blob.append(
          Buffer.buffer().appendBytes(content, from, Math.min(length, content.length - from)));
    }
  }

  /** A blob in memory that remembers in which pieces it came. */
  private static final class RecordingWriter implements BlobWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Integer> lengths = new ArrayList<>();
    private boolean full;

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public void expect(long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void append(ByteBuffer source) {
      if (full) {
        throw new StorageException.DiskFull("full", new IOException("on purpose"));
      }
      var copy = new byte[source.remaining()];
      source.get(copy);
      lengths.add(copy.length);
      bytes.writeBytes(copy);
    }

    @Override
    public int read(ByteBuffer target, long position) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void cutBack(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Digest sha256() {
      throw new UnsupportedOperationException();
    }

    @Override
    public BlobInfo commit(Digest expected) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void abort() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
