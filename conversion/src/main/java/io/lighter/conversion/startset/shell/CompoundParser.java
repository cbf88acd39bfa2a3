package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Command.CaseItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the commands that have others inside of them. */
final class CompoundParser {

  private final ScriptParser parser;
  private final Lexer lexer;

  CompoundParser(ScriptParser parser, Lexer lexer) {
    this.parser = parser;
    this.lexer = lexer;
  }

  /** The command that begins here, if it is one of these. */
  Optional<Command> read() throws ShellSyntaxException {
    Token token = lexer.peek();
    lexer.source().enter();
    Optional<Command> command = Optional.empty();
    if (token.isOperator("(")) {
      lexer.next();
      command = Optional.of(parenthesis());
    } else if (token.isWord()) {
      command = reserved(token.text());
    }
    lexer.source().leave();
    return command;
  }

  private Optional<Command> reserved(String word) throws ShellSyntaxException {
    return switch (word) {
      case "if" -> Optional.of(conditional());
      case "while", "until" -> Optional.of(loop());
      case "for", "select" -> Optional.of(forEach());
      case "case" -> Optional.of(choice());
      case "{" -> Optional.of(group());
      case "[[" -> Optional.of(test());
      case "function" -> Optional.of(named());
      default -> Optional.empty();
    };
  }

  private Command parenthesis() throws ShellSyntaxException {
    Source source = lexer.source();
    if (source.peek() == '(') {
      int begin = source.position++;
      try {
        String expression = source.balanced('(', "))");
        return new Command.Calculation(WordReader.quoted(source.inner(expression)));
      } catch (ShellSyntaxException _) {
        source.position = begin;
      }
    }
    return new Command.Subshell(parser.until(")"));
  }

  private Command group() throws ShellSyntaxException {
    lexer.next();
    Command body = parser.list(Set.of("}"));
    parser.expect("}");
    return body;
  }

  private Command conditional() throws ShellSyntaxException {
    var branches = new ArrayList<Command.Branch>();
    Optional<Command> otherwise = Optional.empty();
    do {
      lexer.next();
      Command condition = parser.list(Set.of("then"));
      parser.expect("then");
      Command body = parser.list(Set.of("elif", "else", "fi"));
      branches.add(new Command.Branch(condition, body));
    } while (lexer.peek().isReserved("elif"));
    if (lexer.peek().isReserved("else")) {
      lexer.next();
      otherwise = Optional.of(parser.list(Set.of("fi")));
    }
    parser.expect("fi");
    return new Command.If(branches, otherwise);
  }

  private Command loop() throws ShellSyntaxException {
    boolean until = lexer.next().isReserved("until");
    Command condition = parser.list(Set.of("do"));
    return new Command.Loop(condition, until, body());
  }

  private Command body() throws ShellSyntaxException {
    parser.newlines();
    parser.expect("do");
    Command body = parser.list(Set.of("done"));
    parser.expect("done");
    return body;
  }

  private Command forEach() throws ShellSyntaxException {
    lexer.next();
    Source source = lexer.source();
    while (source.peek() == ' ') {
      source.position++;
    }
    if (source.skip("((")) {
      source.balanced('(', "))");
      separator();
      return new Command.For("_", Optional.of(List.of(Word.of(Unknown.TEXT))), loopBody());
    }
    Token name = lexer.next();
    parser.newlines();
    Optional<List<Word>> words = Optional.empty();
    if (lexer.peek().isReserved("in")) {
      lexer.next();
      words = Optional.of(parser.words());
    }
    separator();
    return new Command.For(name.text(), words, loopBody());
  }

  private Command loopBody() throws ShellSyntaxException {
    parser.newlines();
    return lexer.peek().isReserved("{") ? group() : body();
  }

  private void separator() throws ShellSyntaxException {
    if (lexer.peek().isOperator(";")) {
      lexer.next();
    }
  }

  private Command choice() throws ShellSyntaxException {
    lexer.next();
    Token subject = lexer.next();
    parser.newlines();
    parser.expect("in");
    parser.newlines();
    var items = new ArrayList<CaseItem>();
    while (!lexer.peek().isReserved("esac")) {
      items.add(item());
      parser.newlines();
    }
    lexer.next();
    return new Command.Case(subject.word(), items);
  }

  private CaseItem item() throws ShellSyntaxException {
    if (lexer.peek().isOperator("(")) {
      lexer.next();
    }
    var patterns = new ArrayList<Word>();
    do {
      Token pattern = lexer.next();
      if (!pattern.isWord()) {
        throw ScriptParser.unexpected(pattern);
      }
      patterns.add(pattern.word());
    } while (skipsOperator("|"));
    parser.expectOperator(")");
    Command body = parser.list(Set.of("esac"));
    boolean through = skipsOperator(";&") || skipsOperator(";;&");
    if (!through) {
      skipsOperator(";;");
    }
    return new CaseItem(patterns, body, through);
  }

  private boolean skipsOperator(String operator) throws ShellSyntaxException {
    boolean here = lexer.peek().isOperator(operator);
    if (here) {
      lexer.next();
    }
    return here;
  }

  private Command test() throws ShellSyntaxException {
    lexer.next();
    var words = new ArrayList<Word>();
    for (Token token = lexer.next(); !token.isReserved("]]"); token = lexer.next()) {
      if (token.isEnd()) {
        throw new ShellSyntaxException("]] is missing");
      }
      if (token.isReserved("=~")) {
        words.add(token.word());
        words.add(expression());
      } else if (!token.isNewline()) {
        words.add(token.isWord() ? token.word() : Word.of(token.text()));
      }
    }
    return new Command.Test(words);
  }

  /** Goes over a regular expression: nothing is made of it. */
  private Word expression() throws ShellSyntaxException {
    Source source = lexer.source();
    while (source.peek() == ' ' || source.peek() == '\t') {
      source.position++;
    }
    int inside = 0;
    while (inside > 0 || (source.peek() != ' ' && source.peek() != '\n')) {
      char c = source.next();
      inside += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == '\\') {
        source.next();
      }
    }
    return Word.of(Unknown.TEXT);
  }

  private Command named() throws ShellSyntaxException {
    lexer.next();
    Word name = lexer.next().word();
    return lexer.peek().isOperator("(") ? function(name) : define(name);
  }

  /** A function whose name was read, and whose parentheses come. */
  Command function(Word name) throws ShellSyntaxException {
    parser.expectOperator("(");
    parser.expectOperator(")");
    return define(name);
  }

  private Command define(Word name) throws ShellSyntaxException {
    parser.newlines();
    Command body = read().orElseThrow(() -> new ShellSyntaxException("a function has no body"));
    while (lexer.peek().isRedirection()) {
      parser.redirection();
    }
    return new Command.Function(name.plain().orElse(Unknown.TEXT), body);
  }
}
