package io.lighter.server.convert;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A layer that is read no faster than requests leave room for. Not thread-safe. */
final class PacedInputStream extends FilterInputStream {
  private final ConversionPace pace;

  /** The layer, which is read in pieces as large as whoever reads it asks for. */
  PacedInputStream(InputStream layer, ConversionPace pace) {
    super(layer);
    this.pace = pace;
  }

  @Override
  public int read() throws IOException {
    pace.step();
    return super.read();
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    pace.step();
    return super.read(target, offset, length);
  }
}
