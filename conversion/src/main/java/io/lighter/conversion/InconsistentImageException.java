package io.lighter.conversion;

import org.jspecify.annotations.Nullable;

/** An image whose manifest, configuration and layers contradict each other. */
public final class InconsistentImageException extends ConversionException {
  private static final long serialVersionUID = 1L;

  public InconsistentImageException(String message) {
    this(message, null);
  }

  public InconsistentImageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
