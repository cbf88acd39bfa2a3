package io.lighter.conversion.startset.image;

import java.io.IOException;

/** A file of an image whose bytes are not there, though the layer can be read. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedFileException(String message) {
    super(message);
  }
}
