package io.lighter.conversion.startset.python;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Divides Python source into logical lines and those into tokens (The Python Language Reference,
 * section 2). It takes any bytes: what is no Python gives tokens that mean nothing. Takes time
 * proportional to the source.
 */
final class Lexer {

  /** What a token is. */
  enum Kind {
    NAME,
    NUMBER,
    STRING,
    OPERATOR
  }

  /** A longer logical line is a table; its first tokens tell what becomes of it. */
  private static final int MAX_TOKENS = 1 << 16;

  private static final int TAB = 8;

  private final byte[] source;
  private final int end;
  private int at;
  private int indent;
  private int count;
  private Kind[] kinds = new Kind[64];
  private int[] begins = new int[64];
  private int[] ends = new int[64];

  /** Lexes a part of a source that begins at the beginning of a line. */
  Lexer(byte[] source, int begin, int end) {
    this.source = source;
    this.at = begin;
    this.end = end;
  }

  /**
   * Goes to the next logical line that has tokens.
   *
   * @return false at the end
   */
  boolean next() {
    count = 0;
    while (at < end) {
      indent = margin();
      tokens(true);
      if (count > 0) {
        return true;
      }
    }
    return false;
  }

  /** Goes over the lines that are indented further than a column. */
  void skipDeeper(int column) {
    while (at < end) {
      int begin = at;
      int margin = margin();
      boolean blank = at >= end || source[at] == '#' || source[at] == '\n' || source[at] == '\r';
      if (!blank && margin <= column) {
        at = begin;
        return;
      }
      tokens(false);
    }
  }

  /** Where the next line begins. */
  int position() {
    return at;
  }

  /** Column in which the line begins. */
  int indent() {
    return indent;
  }

  /** How many tokens the line has. */
  int count() {
    return count;
  }

  Kind kind(int token) {
    return kinds[token];
  }

  /** Where a token begins in the source. */
  int begin(int token) {
    return begins[token];
  }

  /** Whether a token is there and is this name or operator. */
  boolean is(int token, String text) {
    if (token < 0 || token >= count || ends[token] - begins[token] != text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (source[begins[token] + i] != text.charAt(i)) {
        return false;
      }
    }
    return kinds[token] != Kind.STRING;
  }

  boolean isName(int token) {
    return token >= 0 && token < count && kinds[token] == Kind.NAME;
  }

  boolean isNumber(int token) {
    return token >= 0 && token < count && kinds[token] == Kind.NUMBER;
  }

  boolean isString(int token) {
    return token >= 0 && token < count && kinds[token] == Kind.STRING;
  }

  /** A token as it is written. */
  String text(int token) {
    return new String(
        source, begins[token], ends[token] - begins[token], StandardCharsets.ISO_8859_1);
  }

  /** What a string literal says; empty if that needs more than leaving out the quotes. */
  Optional<String> literal(int token) {
    int begin = begins[token];
    while (begin < ends[token] && source[begin] != '\'' && source[begin] != '"') {
      int prefix = source[begin] | 0x20;
      if (prefix == 'b' || prefix == 'f' || prefix == 't') {
        return Optional.empty();
      }
      begin++;
    }
    int length = ends[token] - begin;
    if (length < 2) {
      return Optional.empty();
    }
    byte quote = source[begin];
    int quotes = length >= 6 && source[begin + 1] == quote && source[begin + 2] == quote ? 3 : 1;
    for (int i = begin; i < ends[token]; i++) {
      if (source[i] == '\\') {
        return Optional.empty();
      }
    }
    return Optional.of(
        new String(source, begin + quotes, length - 2 * quotes, StandardCharsets.ISO_8859_1));
  }

  private int margin() {
    int column = 0;
    for (; at < end; at++) {
      switch (source[at]) {
        case ' ' -> column++;
        case '\t' -> column = (column / TAB + 1) * TAB;
        case '\f' -> column = 0;
        default -> {
          return column;
        }
      }
    }
    return column;
  }

  /** Goes to the end of a logical line. */
  private void tokens(boolean wanted) {
    int depth = 0;
    while (at < end) {
      byte b = source[at];
      if (b == '\n') {
        at++;
        if (depth == 0) {
          return;
        }
      } else if (b == '#') {
        while (at < end && source[at] != '\n') {
          at++;
        }
      } else if (b == '\\') {
        at += at + 2 < end && source[at + 1] == '\r' ? 3 : 2;
      } else if (b == '\'' || b == '"') {
        string(at, wanted);
      } else if (startsName(b)) {
        name(wanted);
      } else if (b <= ' ') {
        at++;
      } else {
        if (b == '(' || b == '[' || b == '{') {
          depth++;
        } else if ((b == ')' || b == ']' || b == '}') && depth > 0) {
          depth--;
        }
        operator(wanted);
      }
    }
  }

  private static boolean startsName(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || b == '_'
        || b < 0
        || (b >= '0' && b <= '9');
  }

  /** A name, a number, or a string with a prefix. */
  private void name(boolean wanted) {
    int begin = at;
    while (at < end && startsName(source[at])) {
      at++;
    }
    if (at < end && at - begin <= 2 && (source[at] == '\'' || source[at] == '"')) {
      string(begin, wanted);
    } else if (wanted) {
      boolean digit = source[begin] >= '0' && source[begin] <= '9';
      add(digit ? Kind.NUMBER : Kind.NAME, begin);
    }
  }

  private void operator(boolean wanted) {
    int begin = at++;
    boolean first = "=<>!:+-*/%&|^".indexOf(source[begin]) >= 0;
    if (at < end && ((first && source[at] == '=') || (source[begin] == '-' && source[at] == '>'))) {
      at++;
    }
    if (wanted) {
      add(Kind.OPERATOR, begin);
    }
  }

  /** A string literal whose prefix begins at a position and whose quote is here. */
  private void string(int begin, boolean wanted) {
    byte quote = source[at];
    boolean triple = at + 2 < end && source[at + 1] == quote && source[at + 2] == quote;
    at += triple ? 3 : 1;
    while (at < end) {
      byte b = source[at];
      if (b == '\\') {
        at += 2;
      } else if (b == quote && !triple) {
        at++;
        break;
      } else if (b == quote && at + 2 < end && source[at + 1] == quote && source[at + 2] == quote) {
        at += 3;
        break;
      } else if (b == '\n' && !triple) {
        break;
      } else {
        at++;
      }
    }
    at = Math.min(at, end);
    if (wanted) {
      add(Kind.STRING, begin);
    }
  }

  private void add(Kind kind, int begin) {
    if (count == MAX_TOKENS) {
      return;
    }
    if (count == begins.length) {
      kinds = Arrays.copyOf(kinds, 2 * count);
      begins = Arrays.copyOf(begins, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
    }
    kinds[count] = kind;
    begins[count] = begin;
    ends[count] = at;
    count++;
  }
}
