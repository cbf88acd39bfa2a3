package io.lighter.conversion.startset.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Quoted texts in a line of a source. Escapes stay as they are. */
final class Literals {

  private static final int MAX_IN_LINE = 64;

  private Literals() {}

  /** The text in quotes that begins at a place; empty if none does. */
  static Optional<String> at(String line, int begin) {
    if (begin >= line.length() || (line.charAt(begin) != '\'' && line.charAt(begin) != '"')) {
      return Optional.empty();
    }
    int end = line.indexOf(line.charAt(begin), begin + 1);
    return end < 0 ? Optional.empty() : Optional.of(line.substring(begin + 1, end));
  }

  /** All texts in quotes from a place on. */
  static List<String> from(String line, int begin) {
    var texts = new ArrayList<String>();
    int at = begin;
    while (at < line.length() && texts.size() < MAX_IN_LINE) {
      Optional<String> text = at(line, at);
      text.ifPresent(texts::add);
      at += text.map(found -> found.length() + 2).orElse(1);
    }
    return texts;
  }

  /** Position of the first character that is no blank, from a place on. */
  static int skipBlanks(String line, int begin) {
    int at = begin;
    while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }
}
