package io.lighter.conversion.startset.shell;

/**
 * A word, an operator, a line's end or the script's.
 *
 * @param text of operators
 * @param descriptor number in front of a redirection; -1 if there is none
 */
record Token(Kind kind, String text, Word word, int descriptor) {

  enum Kind {
    WORD,
    OPERATOR,
    NEWLINE,
    END
  }

  static Token word(Word word) {
    return new Token(Kind.WORD, word.plain().orElse(""), word, -1);
  }

  static Token operator(String text, int descriptor) {
    return new Token(Kind.OPERATOR, text, Word.EMPTY, descriptor);
  }

  static Token newline() {
    return new Token(Kind.NEWLINE, "", Word.EMPTY, -1);
  }

  static Token end() {
    return new Token(Kind.END, "", Word.EMPTY, -1);
  }

  boolean isWord() {
    return kind == Kind.WORD;
  }

  boolean isNewline() {
    return kind == Kind.NEWLINE;
  }

  boolean isEnd() {
    return kind == Kind.END;
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** Whether it is a word of this text without quotes. */
  boolean isReserved(String reserved) {
    return kind == Kind.WORD && text.equals(reserved);
  }

  boolean isRedirection() {
    return kind == Kind.OPERATOR
        && (text.startsWith("<") || text.startsWith(">") || text.startsWith("&>"));
  }
}
