package io.lighter.conversion.startset.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Divides a script into tokens (POSIX.1-2024, Shell Command Language, section 2.3). */
final class Lexer {

  /** Longer ones in front of those that they begin with. */
  private static final List<String> OPERATORS =
      List.of(
          "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "<<", ">>", "<&", ">&", "<>", ">|",
          "&>", "|&", "(", ")", "|", "&", ";", "<", ">");

  private final Source source;
  private Optional<Token> ahead = Optional.empty();

  /** Where the line with the latest here-document ends, and where it goes on after these. */
  private int bodyLine = -1;

  private int afterBodies;

  Lexer(Source source) {
    this.source = source;
  }

  static boolean isMeta(char c) {
    return c <= ' ' ? c == ' ' || c == '\t' || c == '\n' || c == '\r' : "|&;<>()".indexOf(c) >= 0;
  }

  /** The words up to a closing parenthesis. */
  static List<Word> words(Source inner, Source outer) throws ShellSyntaxException {
    var lexer = new Lexer(inner);
    var words = new ArrayList<Word>();
    for (Token token = lexer.next(); !token.isOperator(")"); token = lexer.next()) {
      if (token.isEnd()) {
        throw new ShellSyntaxException(") is missing");
      }
      if (token.isWord()) {
        words.add(token.word());
      }
    }
    outer.position = inner.position;
    return words;
  }

  Token peek() throws ShellSyntaxException {
    Token token = ahead.isPresent() ? ahead.get() : read();
    ahead = Optional.of(token);
    return token;
  }

  Token next() throws ShellSyntaxException {
    Token token = peek();
    ahead = Optional.empty();
    return token;
  }

  /** The characters themselves; to be read only when nothing was peeked at. */
  Source source() {
    return source;
  }

  private Token read() throws ShellSyntaxException {
    blanks();
    if (source.atEnd()) {
      return Token.end();
    }
    if (source.peek() == '\n') {
      newline();
      return Token.newline();
    }
    int descriptor = descriptor();
    boolean pipe = descriptor < 0 && (source.startsWith("<(") || source.startsWith(">("));
    if (isMeta(source.peek()) && !pipe) {
      for (String operator : OPERATORS) {
        if (source.skip(operator)) {
          return Token.operator(operator, descriptor);
        }
      }
    }
    int begin = source.position;
    Word word = WordReader.word(source);
    if (source.position == begin) {
      throw new ShellSyntaxException("there is a character that begins no word");
    }
    return Token.word(word);
  }

  private void blanks() {
    while (!source.atEnd()) {
      char c = source.peek();
      if (c == ' ' || c == '\t' || c == '\r') {
        source.position++;
      } else if (c == '\\' && source.peek(1) == '\n') {
        source.position += 2;
      } else if (c == '#') {
        int end = source.text.indexOf('\n', source.position);
        source.position = end < 0 ? source.text.length() : end;
      } else {
        return;
      }
    }
  }

  private void newline() {
    source.position = source.position == bodyLine ? afterBodies : source.position + 1;
  }

  private int descriptor() {
    int length = 0;
    while (source.peek(length) >= '0' && source.peek(length) <= '9' && length < 4) {
      length++;
    }
    boolean redirection = source.peek(length) == '<' || source.peek(length) == '>';
    if (length == 0 || !redirection) {
      return -1;
    }
    int begin = source.position;
    source.position += length;
    return Integer.parseInt(source.text.substring(begin, source.position));
  }

  /**
   * The here-document of an operator whose delimiter was read last.
   *
   * @param tabs whether tabs at the begin of lines do not count
   */
  Word document(Word delimiter, boolean tabs) throws ShellSyntaxException {
    var end = new StringBuilder();
    for (Word.Part part : delimiter.parts()) {
      if (part instanceof Word.Text(String text, _)) {
        end.append(text);
      }
    }
    if (bodyLine < source.position) {
      int newline = source.text.indexOf('\n', source.position);
      bodyLine = newline < 0 ? source.text.length() : newline;
      afterBodies = Math.min(bodyLine + 1, source.text.length());
    }
    var body = new StringBuilder();
    while (afterBodies < source.text.length()) {
      int newline = source.text.indexOf('\n', afterBodies);
      int stop = newline < 0 ? source.text.length() : newline;
      String line = source.text.substring(afterBodies, stop);
      afterBodies = Math.min(stop + 1, source.text.length());
      String said = tabs ? line.replaceFirst("^\t+", "") : line;
      if (said.contentEquals(end)) {
        break;
      }
      body.append(said).append('\n');
    }
    String text = body.toString();
    return delimiter.isQuoted()
        ? new Word(List.of(new Word.Text(text, true)))
        : WordReader.quoted(source.inner(text));
  }
}
