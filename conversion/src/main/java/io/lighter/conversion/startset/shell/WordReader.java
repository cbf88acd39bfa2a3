package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Word.Part;
import io.lighter.conversion.startset.shell.Word.Text;
import java.util.ArrayList;
import java.util.List;

/** Reads words: quotes, and what stands for something else. */
final class WordReader {

  private final Source source;
  private final List<Part> parts = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private WordReader(Source source) {
    this.source = source;
  }

  /** The word that begins here, up to a blank or an operator. */
  static Word word(Source source) throws ShellSyntaxException {
    var reader = new WordReader(source);
    if (!reader.elements()) {
      reader.read("", false);
    }
    return reader.finish();
  }

  /** All of a text, as it would stand between double quotes. */
  static Word quoted(Source source) throws ShellSyntaxException {
    var reader = new WordReader(source);
    reader.read("", true);
    return reader.finish();
  }

  /** A word inside of braces, up to one of some characters, which stays. */
  static Word until(Source source, String ends, boolean quoted) throws ShellSyntaxException {
    var reader = new WordReader(source);
    reader.read(ends, quoted);
    if (source.atEnd()) {
      throw new ShellSyntaxException("} is missing");
    }
    return reader.finish();
  }

  private Word finish() {
    flush(false);
    return new Word(parts);
  }

  private void flush(boolean quoted) {
    if (!text.isEmpty()) {
      parts.add(new Text(text.toString(), quoted));
      text.setLength(0);
    }
  }

  private void quote(String more) {
    flush(false);
    parts.add(new Text(more, true));
  }

  /** {@code name=(…)}. */
  private boolean elements() throws ShellSyntaxException {
    int begin = source.position;
    String name = source.name();
    boolean append = source.skip("+");
    if (name.isEmpty() || !source.skip("=(")) {
      source.position = begin;
      return false;
    }
    parts.add(new Word.Elements(name, append, Lexer.words(source.inner(), source)));
    return true;
  }

  /**
   * Reads up to the end.
   *
   * @param ends characters that end it; none for whatever ends a word
   * @param inQuotes whether all of it stands between double quotes
   */
  private void read(String ends, boolean inQuotes) throws ShellSyntaxException {
    while (!source.atEnd()) {
      char c = source.peek();
      boolean end = ends.isEmpty() ? !inQuotes && Lexer.isMeta(c) && !pipe() : ends.indexOf(c) >= 0;
      if (end) {
        return;
      }
      switch (c) {
        case '\\' -> escape(inQuotes);
        case '$' -> dollar(inQuotes);
        case '`' -> backquotes(inQuotes);
        case '"' -> {
          if (inQuotes && ends.isEmpty()) {
            text.append(source.next());
          } else {
            doubleQuotes();
          }
        }
        case '\'' -> {
          source.position++;
          if (inQuotes) {
            text.append(c);
          } else {
            quote(source.until("'"));
          }
        }
        default -> other(inQuotes, ends);
      }
      if (inQuotes) {
        flush(true);
      }
    }
  }

  private void other(boolean inQuotes, String ends) throws ShellSyntaxException {
    boolean alternatives =
        !inQuotes && "?*+@!".indexOf(source.peek()) >= 0 && source.peek(1) == '(' && ends.isEmpty();
    if (alternatives) {
      source.position += 2;
      source.balanced('(', ")");
      text.append(Unknown.TEXT);
    } else {
      text.append(source.next());
    }
  }

  private boolean pipe() throws ShellSyntaxException {
    boolean pipe = (source.peek() == '<' || source.peek() == '>') && source.peek(1) == '(';
    if (!pipe) {
      return false;
    }
    boolean input = source.next() == '<';
    source.position++;
    flush(false);
    parts.add(new Word.Pipe(substituted(), input));
    return !source.atEnd() && !Lexer.isMeta(source.peek());
  }

  private void escape(boolean inQuotes) throws ShellSyntaxException {
    source.position++;
    if (source.atEnd()) {
      text.append('\\');
    } else if (source.peek() == '\n') {
      source.position++;
    } else if (inQuotes && "$`\"\\}".indexOf(source.peek()) < 0) {
      text.append('\\').append(source.next());
    } else {
      quote(String.valueOf(source.next()));
    }
  }

  private void doubleQuotes() throws ShellSyntaxException {
    flush(false);
    source.position++;
    var inner = new WordReader(source);
    inner.read("\"", true);
    source.next();
    parts.addAll(inner.finish().parts());
    if (inner.parts.isEmpty()) {
      parts.add(new Text("", true));
    }
  }

  private void backquotes(boolean quoted) throws ShellSyntaxException {
    flush(quoted);
    source.position++;
    var script = new StringBuilder();
    while (source.peek() != '`') {
      char c = source.next();
      boolean escaped = c == '\\' && "$`\\".indexOf(source.peek()) >= 0;
      script.append(escaped ? source.next() : c);
    }
    source.position++;
    Command command = new ScriptParser(source.inner(script.toString())).script();
    parts.add(new Word.Substitution(command, quoted));
  }

  private Command substituted() throws ShellSyntaxException {
    Source inner = source.inner();
    Command command = new ScriptParser(inner).until(")");
    source.position = inner.position;
    return command;
  }

  private void dollar(boolean quoted) throws ShellSyntaxException {
    flush(quoted);
    source.position++;
    char c = source.peek();
    if (c == '(' && source.peek(1) == '(' && calculation(quoted)) {
      return;
    }
    if (c == '(') {
      source.position++;
      parts.add(new Word.Substitution(substituted(), quoted));
    } else if (c == '{') {
      source.position++;
      parts.add(new ParameterReader(source.inner(), quoted).read(source));
    } else if (c == '\'' && !quoted) {
      source.position++;
      quote(ansi());
    } else if (c == '"' && !quoted) {
      doubleQuotes();
    } else if (Source.isName(c, true)) {
      parts.add(ParameterReader.plain(source.name(), quoted));
    } else if (c > ' ' && "0123456789@*#?-$!".indexOf(c) >= 0) {
      parts.add(ParameterReader.plain(String.valueOf(source.next()), quoted));
    } else {
      text.append('$');
    }
  }

  private boolean calculation(boolean quoted) throws ShellSyntaxException {
    int begin = source.position;
    source.position += 2;
    String expression;
    try {
      expression = source.balanced('(', "))");
    } catch (ShellSyntaxException _) {
      source.position = begin;
      return false;
    }
    parts.add(new Word.Arithmetic(quoted(source.inner(expression)), quoted));
    return true;
  }

  /** What stands behind {@code $'}. */
  private String ansi() throws ShellSyntaxException {
    var plain = new StringBuilder();
    for (char c = source.next(); c != '\''; c = source.next()) {
      if (c != '\\') {
        plain.append(c);
        continue;
      }
      char escaped = source.next();
      int known = "ntrabefv0".indexOf(escaped);
      plain.append(
          known >= 0 ? "\n\t\r\u0007\b\u001b\f\u000b\0".charAt(Math.min(known, 8)) : escaped);
    }
    return plain.toString();
  }
}
