package io.lighter.conversion.startset.shell;

/** The text of a script and how far it is read. */
final class Source {

  /** So that neither parsing nor following needs much of a stack. */
  private static final int MAX_DEPTH = 40;

  final String text;
  int position;
  private int depth;

  private Source(String text, int position, int depth) throws ShellSyntaxException {
    this.text = text;
    this.position = position;
    this.depth = depth - 1;
    enter();
  }

  static Source of(String text) throws ShellSyntaxException {
    return new Source(text, 0, 0);
  }

  /** The rest of the same text, to be read as something inside of this. */
  Source inner() throws ShellSyntaxException {
    return new Source(text, position, depth + 1);
  }

  /** Another text inside of this. */
  Source inner(String other) throws ShellSyntaxException {
    return new Source(other, 0, depth + 1);
  }

  /** Goes one deeper, whatever it is that is nested. */
  void enter() throws ShellSyntaxException {
    if (++depth > MAX_DEPTH) {
      throw new ShellSyntaxException("it is nested more than %d deep".formatted(MAX_DEPTH));
    }
  }

  void leave() {
    depth--;
  }

  boolean atEnd() {
    return position >= text.length();
  }

  /** A character ahead; none is NUL. */
  char peek(int ahead) {
    return position + ahead < text.length() ? text.charAt(position + ahead) : '\0';
  }

  char peek() {
    return peek(0);
  }

  char next() throws ShellSyntaxException {
    if (atEnd()) {
      throw new ShellSyntaxException("it ends inside of a word");
    }
    return text.charAt(position++);
  }

  boolean startsWith(String begin) {
    return text.startsWith(begin, position);
  }

  /** Goes over a text if it stands here. */
  boolean skip(String begin) {
    boolean here = startsWith(begin);
    position += here ? begin.length() : 0;
    return here;
  }

  /** Goes behind a text, and returns what stands in front of it. */
  String until(String end) throws ShellSyntaxException {
    int at = text.indexOf(end, position);
    if (at < 0) {
      throw new ShellSyntaxException("%s is missing".formatted(end));
    }
    String between = text.substring(position, at);
    position = at + end.length();
    return between;
  }

  /**
   * Goes behind the text that closes what an earlier one opened, and returns what is between.
   *
   * @param close one character, or the same one twice
   */
  String balanced(char open, String close) throws ShellSyntaxException {
    int begin = position;
    int inside = 0;
    while (inside > 0 || !startsWith(close)) {
      char c = next();
      if (c == open) {
        inside++;
      } else if (c == close.charAt(0)) {
        inside--;
      } else if (c == '\\' && !atEnd()) {
        position++;
      } else if (c == '\'') {
        until("'");
      }
    }
    position += close.length();
    return text.substring(begin, position - close.length());
  }

  static boolean isName(char c, boolean first) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '_'
        || (!first && c >= '0' && c <= '9');
  }

  /** The name that stands here; empty if none does. */
  String name() {
    int begin = position;
    while (isName(peek(), position == begin)) {
      position++;
    }
    return text.substring(begin, position);
  }
}
