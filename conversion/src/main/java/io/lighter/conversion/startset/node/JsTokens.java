package io.lighter.conversion.startset.node;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tokens of a JavaScript source, one after the other, with the last few of them to look back at: as
 * much of ECMAScript's lexical grammar as finding imports needs. A slash can only be told from the
 * beginning of a regular expression by who knows the syntax, see {@link #next}. Not thread-safe.
 */
final class JsTokens {

  /** What a token is. Keywords are names. */
  enum Kind {
    END,
    NAME,
    NUMBER,
    STRING,
    /** A template without substitutions. */
    TEMPLATE,
    /** A part of a template that ends where a substitution begins. */
    TEMPLATE_PART,
    REGEX,
    PUNCTUATION
  }

  /** How many tokens can be looked back at; a power of two. */
  private static final int REMEMBERED = 32;

  private final byte[] source;
  private final int end;
  private final Kind[] kinds = new Kind[REMEMBERED];
  private final int[] starts = new int[REMEMBERED];
  private final int[] ends = new int[REMEMBERED];
  private int count;
  private int at;
  private boolean newline;

  JsTokens(byte[] source, int begin, int end) {
    this.source = source;
    this.end = end;
    this.at = begin;
    Arrays.fill(kinds, Kind.END);
    if (begin == 0 && end > 1 && source[0] == '#' && source[1] == '!') {
      skipLine();
    }
  }

  /**
   * Goes on to the next token.
   *
   * @param operandExpected whether an expression can begin here, so that a slash begins a regular
   *     expression
   * @return what it is
   */
  Kind next(boolean operandExpected) {
    newline = false;
    skipBlanks();
    int start = at;
    if (at >= end) {
      return remember(Kind.END, start);
    }
    byte c = source[at];
    if (isNamePart(c)) {
      boolean number = c >= '0' && c <= '9';
      at++;
      while (at < end && (isNamePart(source[at]) || (number && source[at] == '.'))) {
        at++;
      }
      return remember(number ? Kind.NUMBER : Kind.NAME, start);
    }
    return switch (c) {
      case '"', '\'' -> string(c, start);
      case '`' -> template(start);
      case '/' -> operandExpected ? regex(start) : operator(start);
      default -> operator(start);
    };
  }

  /** Goes on with a template after the brace that ended a substitution, the present token. */
  Kind continueTemplate() {
    return template(starts[slot(0)]);
  }

  private Kind remember(Kind kind, int start) {
    count++;
    int slot = slot(0);
    kinds[slot] = kind;
    starts[slot] = start;
    ends[slot] = at;
    return kind;
  }

  private int slot(int back) {
    return (count - back) & (REMEMBERED - 1);
  }

  private void skipBlanks() {
    while (at < end) {
      byte c = source[at];
      if (c == '\n') {
        newline = true;
        at++;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0x0b) {
        at++;
      } else if (c == '/' && at + 1 < end && source[at + 1] == '/') {
        skipLine();
      } else if (c == '/' && at + 1 < end && source[at + 1] == '*') {
        skipComment();
      } else {
        return;
      }
    }
  }

  private void skipLine() {
    while (at < end && source[at] != '\n') {
      at++;
    }
  }

  private void skipComment() {
    at += 2;
    while (at < end && !(source[at] == '*' && at + 1 < end && source[at + 1] == '/')) {
      newline |= source[at] == '\n';
      at++;
    }
    at = Math.min(end, at + 2);
  }

  /** Bytes beyond ASCII belong to names; where they do not, nothing depends on it. */
  private static boolean isNamePart(byte c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '$'
        || c == '#'
        || c == '\\'
        || c < 0;
  }

  private Kind string(byte quote, int start) {
    at++;
    while (at < end && source[at] != quote && source[at] != '\n') {
      at += source[at] == '\\' ? 2 : 1;
    }
    at = Math.min(end, at + 1);
    return remember(Kind.STRING, start);
  }

  private Kind template(int start) {
    at = start + 1;
    while (at < end && source[at] != '`') {
      if (source[at] == '$' && at + 1 < end && source[at + 1] == '{') {
        at += 2;
        return remember(Kind.TEMPLATE_PART, start);
      }
      at += source[at] == '\\' ? 2 : 1;
    }
    at = Math.min(end, at + 1);
    return remember(Kind.TEMPLATE, start);
  }

  private Kind regex(int start) {
    boolean inClass = false;
    at++;
    while (at < end && source[at] != '\n' && (inClass || source[at] != '/')) {
      byte c = source[at];
      inClass = c == '[' || (inClass && c != ']');
      at += c == '\\' ? 2 : 1;
    }
    at = Math.min(end, at + 1);
    while (at < end && isNamePart(source[at])) {
      at++;
    }
    return remember(Kind.REGEX, start);
  }

  private Kind operator(int start) {
    byte c = source[at++];
    byte following = at < end ? source[at] : 0;
    boolean two =
        (c == '=' && following == '>')
            || (c == following && (c == '&' || c == '|' || c == '+' || c == '-' || c == '?'))
            || (c == '?' && following == '.');
    at += two ? 1 : 0;
    while ((c == '=' || c == '!') && !two && at < end && source[at] == '=') {
      at++;
    }
    return remember(Kind.PUNCTUATION, start);
  }

  /** Whether a line ends between the present token and the one before. */
  boolean newlineBefore() {
    return newline;
  }

  /**
   * What a token is.
   *
   * @param back 0 for the present one, 1 for the one before, up to 30
   */
  Kind kind(int back) {
    return kinds[slot(back)];
  }

  /** Position of a token's first byte. */
  int start(int back) {
    return starts[slot(back)];
  }

  /** Position behind a token's last byte. */
  int end(int back) {
    return ends[slot(back)];
  }

  /** Whether a token is this punctuation or name. */
  boolean is(int back, String text) {
    int slot = slot(back);
    Kind kind = kinds[slot];
    int length = text.length();
    if ((kind != Kind.NAME && kind != Kind.PUNCTUATION) || ends[slot] - starts[slot] != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (source[starts[slot] + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** First byte of a punctuation; 0 for every other token. */
  char punctuation(int back) {
    int slot = slot(back);
    return kinds[slot] == Kind.PUNCTUATION ? (char) source[starts[slot]] : 0;
  }

  /** A token as it is written. */
  String text(int back) {
    int slot = slot(back);
    return text(starts[slot], ends[slot]);
  }

  /** What a string, or a template without substitutions, stands for. Escapes stay as they are. */
  String literal(int back) {
    int slot = slot(back);
    return text(starts[slot] + 1, Math.max(starts[slot] + 1, ends[slot] - 1));
  }

  private String text(int from, int to) {
    return new String(source, from, to - from, StandardCharsets.UTF_8);
  }
}
