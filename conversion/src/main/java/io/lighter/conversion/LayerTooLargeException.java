package io.lighter.conversion;

/** A layer beyond one of the {@link ConversionLimits}. The message names the limit. */
public final class LayerTooLargeException extends ConversionException {
  private static final long serialVersionUID = 1L;

  public LayerTooLargeException(String message) {
    super(message, null);
  }
}
