package io.lighter.conversion;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps some entries of a layer, which arrives in one order and leaves in another. Takes room only
 * when there is something to keep. Not thread-safe.
 */
final class Spool implements AutoCloseable {

  private static final int BUFFER = 64 << 10;

  private record Section(long position, long length) {}

  private final ScratchSpace space;
  private final Map<Integer, Section> sections = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private @Nullable SeekableByteChannel room;
  private long length;
  private long flushed;

  Spool(ScratchSpace space) {
    this.space = space;
  }

  /** Length of all entries that are kept. */
  long length() {
    return length;
  }

  boolean has(int ordinal) {
    return sections.containsKey(ordinal);
  }

  /**
   * Keeps an entry.
   *
   * @param content gives its payload and padding, which are read to their end
   */
  void keep(int ordinal, TarEntry entry, TarSplitter content) throws IOException {
    long start = length;
    append(entry.header(), entry.header().length);
    var bytes = new byte[(int) Math.min(BUFFER, entry.size() + entry.padding())];
    for (long left = entry.size() + entry.padding(); left > 0; ) {
      int n = (int) Math.min(left, bytes.length);
      content.read(bytes, 0, n);
      append(bytes, n);
      left -= n;
    }
    sections.put(ordinal, new Section(start, length - start));
  }

  /** Gives the header, payload and padding of an entry that is kept. */
  PlainBytes open(int ordinal) throws IOException {
    flush();
    Section section = sections.get(ordinal);
    SeekableByteChannel channel = room;
    if (section == null || channel == null) {
      throw new IllegalStateException("entry %d is not kept".formatted(ordinal));
    }
    return new PlainBytes() {
      private long read;

      @Override
      public int read(byte[] target, int offset, int wanted) throws IOException {
        int n = (int) Math.min(wanted, section.length() - read);
        var into = ByteBuffer.wrap(target, offset, n);
        channel.position(section.position() + read);
        while (into.hasRemaining()) {
          if (channel.read(into) < 0) {
            throw new IOException("the scratch space of a conversion has lost its content");
          }
        }
        read += n;
        return n;
      }
    };
  }

  private void append(byte[] bytes, int count) throws IOException {
    length += count;
    for (int done = 0; done < count; ) {
      int n = Math.min(count - done, buffer.remaining());
      buffer.put(bytes, done, n);
      done += n;
      if (!buffer.hasRemaining()) {
        flush();
      }
    }
  }

  private void flush() throws IOException {
    SeekableByteChannel channel = room == null ? space.open() : room;
    room = channel;
    buffer.flip();
    channel.position(flushed);
    flushed += buffer.remaining();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  @Override
  public void close() throws IOException {
    if (room != null) {
      room.close();
    }
  }
}
