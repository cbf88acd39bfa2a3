package io.lighter.storage;

import java.util.Optional;
import java.util.UUID;

/**
 * Name of an upload: 122 random bits, so that it cannot be guessed.
 *
 * @param value the identifier
 */
public record UploadId(UUID value) {

  /** A new identifier. */
  public static UploadId random() {
    return new UploadId(UUID.randomUUID());
  }

  /** Parses what {@link #toString} prints, and nothing else; empty for any other text. */
  public static Optional<UploadId> tryParse(String text) {
    try {
      var id = new UploadId(UUID.fromString(text));
      return id.toString().equals(text) ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
