package io.lighter.server.convert;

import io.lighter.storage.BlobWriter;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Appends to a blob that is being written. Closing it does nothing to the blob. */
final class BlobOutputStream extends OutputStream {
  private final BlobWriter writer;

  BlobOutputStream(BlobWriter writer) {
    this.writer = writer;
  }

  @Override
  public void write(int b) {
    writer.append(ByteBuffer.wrap(new byte[] {(byte) b}));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    writer.append(ByteBuffer.wrap(bytes, offset, length));
  }
}
