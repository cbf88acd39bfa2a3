package io.lighter.server.config;

import java.util.OptionalLong;

/**
 * An amount of data, or the word that leaves it to the program.
 *
 * @param bytes the amount; empty for {@code auto}
 */
record AutoSize(OptionalLong bytes) {
  static final String ALLOWED = "auto, or " + DataSize.ALLOWED;

  /**
   * Parses an amount or {@code auto}.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  static AutoSize parse(String text) {
    if (text.strip().equals("auto")) {
      return new AutoSize(OptionalLong.empty());
    }
    try {
      return new AutoSize(OptionalLong.of(DataSize.parse(text).bytes()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: %s".formatted(text, ALLOWED), e);
    }
  }
}
