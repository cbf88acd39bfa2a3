package io.lighter.bench.load;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a blob has to be: a local file, mapped. The file must not change meanwhile. Thread-safe. */
public final class ReferenceBytes {
  private final MemorySegment content;

  private ReferenceBytes(MemorySegment content) {
    this.content = content;
  }

  /**
   * Maps a file; it stays mapped until nothing refers to this object any more.
   *
   * @throws BenchException if it cannot be read
   */
  public static ReferenceBytes of(Path file) {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new ReferenceBytes(channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
    } catch (IOException e) {
      throw new BenchException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Length of the blob. */
  public long size() {
    return content.byteSize();
  }

  /**
   * Compares bytes with those of the blob.
   *
   * @param position where in the blob they have to be from
   * @return position in the blob of the first that differs, or -1
   */
  long mismatch(long position, ByteBuf bytes) {
    for (var piece : bytes.nioBuffers()) {
      long length = Math.min(piece.remaining(), size() - position);
      long different =
          MemorySegment.mismatch(
              MemorySegment.ofBuffer(piece), 0, length, content, position, position + length);
      if (different >= 0) {
        return position + different;
      }
      position += length;
    }
    return -1;
  }
}
