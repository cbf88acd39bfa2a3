package io.lighter.conversion;

import org.jspecify.annotations.Nullable;

/**
 * Why a layer or an image cannot be converted. Retrying gives the same answer: it is the input that
 * is refused. Failures of the caller's streams stay {@link java.io.IOException}.
 */
public abstract sealed class ConversionException extends RuntimeException
    permits UnconvertibleLayerException, LayerTooLargeException, InconsistentImageException {
  private static final long serialVersionUID = 1L;

  ConversionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
