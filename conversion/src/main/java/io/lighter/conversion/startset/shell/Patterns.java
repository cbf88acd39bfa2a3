package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Truth;

/** Patterns that texts are compared with, in cases and tests, and what is cut off by them. */
final class Patterns {

  /** Steps that one comparison may take. */
  private static final long MAX_STEPS = 1 << 20;

  private Patterns() {}

  /** Whether a text is like a pattern, in which a backslash takes the meaning of what follows. */
  static Truth matches(String pattern, String text) {
    if ((long) pattern.length() * text.length() > MAX_STEPS) {
      return pattern.equals(text) ? Truth.TRUE : Truth.UNKNOWN;
    }
    if (!Unknown.in(pattern) && !Unknown.in(text)) {
      return Truth.of(PathGlob.matches(pattern, text));
    }
    if (pattern.equals("*")) {
      return Truth.TRUE;
    }
    boolean literal = !PathGlob.isPattern(pattern) && !Unknown.in(pattern);
    boolean possible =
        literal
            ? PathGlob.matches(anything(PathGlob.escaped(text)), pattern)
            : Unknown.in(text) || PathGlob.matches(anything(pattern), text);
    return possible ? Truth.UNKNOWN : Truth.FALSE;
  }

  private static String anything(String pattern) {
    return pattern.replace(Unknown.TEXT, "*");
  }

  /**
   * A text without a part at one end that is like a pattern.
   *
   * @param end whether it is cut at the end
   * @param longest whether as much as possible goes
   */
  static String cut(String text, String pattern, boolean end, boolean longest) {
    if (Unknown.in(text) || Unknown.in(pattern) || isLong(text, pattern)) {
      return Unknown.TEXT;
    }
    int length = text.length();
    for (int i = 0; i <= length; i++) {
      int cut = longest ? length - i : i;
      String part = end ? text.substring(length - cut) : text.substring(0, cut);
      if (PathGlob.matches(pattern, part)) {
        return end ? text.substring(0, length - cut) : text.substring(cut);
      }
    }
    return text;
  }

  /** A text with something else for what is like a pattern: all of it, or the first. */
  static String replace(String text, String pattern, String by, boolean all) {
    if (Unknown.in(text) || Unknown.in(pattern) || isLong(text, pattern)) {
      return Unknown.TEXT;
    }
    boolean begin = !all && pattern.startsWith("#");
    boolean end = !all && pattern.startsWith("%");
    String like = begin || end ? pattern.substring(1) : pattern;
    var replaced = new StringBuilder();
    int at = 0;
    boolean done = like.isEmpty();
    while (at < text.length()) {
      int stop = done ? -1 : matchFrom(text, like, at, end);
      if (stop > at) {
        replaced.append(by);
        at = stop;
        done = !all;
      } else {
        replaced.append(text.charAt(at++));
      }
      done |= begin;
    }
    return replaced.toString();
  }

  /** Where the longest match ends that begins somewhere; -1 if none does. */
  private static int matchFrom(String text, String pattern, int at, boolean toTheEnd) {
    for (int stop = text.length(); stop > at; stop--) {
      if (PathGlob.matches(pattern, text.substring(at, stop))) {
        return stop;
      }
      if (toTheEnd) {
        return -1;
      }
    }
    return -1;
  }

  private static boolean isLong(String text, String pattern) {
    return (long) text.length() * text.length() * Math.max(1, pattern.length()) > 16 * MAX_STEPS;
  }
}
