package io.lighter.conversion.startset.shell;

import java.util.Optional;

/** What commands read from their standard input, as far as it is known. Shared by who reads it. */
final class Input {

  private final String text;
  private int position;

  private Input(String text) {
    this.text = text;
  }

  static Input of(String text) {
    return new Input(Unknown.orShort(text, Output.LONGEST));
  }

  static Input unknown() {
    return new Input(Unknown.TEXT);
  }

  /** The next line; empty at the end. Unknown again and again once it is not known. */
  Optional<String> line() {
    if (position >= text.length()) {
      return Optional.empty();
    }
    int end = text.indexOf('\n', position);
    String line = text.substring(position, end < 0 ? text.length() : end);
    if (!line.equals(Unknown.TEXT)) {
      position = end < 0 ? text.length() : end + 1;
    }
    return Optional.of(line);
  }

  /** How far it is read. */
  int position() {
    return position;
  }

  /** All that is left. */
  String rest() {
    String rest = text.substring(position);
    position = text.length();
    return rest;
  }
}
