package io.lighter.server.convert;

import io.lighter.storage.BlobSource;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A blob from its first byte to its last. Closes the source with itself. Not thread-safe. */
final class BlobInputStream extends InputStream {
  private final BlobSource source;
  private long position;

  BlobInputStream(BlobSource source) {
    this.source = source;
  }

  @Override
  public int read() {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (position >= source.size()) {
      return -1;
    }
    int wanted = (int) Math.min(length, source.size() - position);
    int read = source.read(ByteBuffer.wrap(target, offset, wanted), position);
    position += read;
    return read;
  }

  @Override
  public void close() {
    source.close();
  }
}
