package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Command.Redirection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes commands of a script, by recursive descent, in bounded depth. What it does not know ends it
 * with an exception, and the caller with less than a tree.
 */
final class ScriptParser {

  private static final Set<String> DECLARATIONS =
      Set.of("export", "local", "declare", "typeset", "readonly");

  private final Lexer lexer;
  private final CompoundParser compounds;

  ScriptParser(Source source) {
    this.lexer = new Lexer(source);
    this.compounds = new CompoundParser(this, lexer);
  }

  /** All of a script. */
  static Command parse(String script) throws ShellSyntaxException {
    return new ScriptParser(Source.of(script)).script();
  }

  Command script() throws ShellSyntaxException {
    Command command = list(Set.of());
    if (!lexer.peek().isEnd()) {
      throw unexpected(lexer.peek());
    }
    return command;
  }

  /** Commands up to an operator, which is read. */
  Command until(String operator) throws ShellSyntaxException {
    Command command = list(Set.of());
    expectOperator(operator);
    return command;
  }

  /** Commands up to one of some reserved words, which stays. */
  Command list(Set<String> ends) throws ShellSyntaxException {
    var items = new ArrayList<Command.Item>();
    while (true) {
      newlines();
      Token token = lexer.peek();
      boolean end =
          token.isEnd()
              || token.isOperator(")")
              || (token.text().startsWith(";") && !token.isWord())
              || (token.isWord() && ends.contains(token.text()));
      if (end) {
        return new Command.Sequence(items);
      }
      Command command = chain();
      Token after = lexer.peek();
      boolean separator = after.isOperator(";") || after.isOperator("&") || after.isNewline();
      items.add(new Command.Item(command, after.isOperator("&")));
      if (separator) {
        lexer.next();
      } else if (!after.isEnd() && !after.isOperator(")") && !after.text().startsWith(";")) {
        throw unexpected(after);
      }
    }
  }

  void newlines() throws ShellSyntaxException {
    while (lexer.peek().isNewline()) {
      lexer.next();
    }
  }

  void expect(String reserved) throws ShellSyntaxException {
    Token token = lexer.next();
    if (!token.isReserved(reserved)) {
      throw new ShellSyntaxException("%s is missing".formatted(reserved));
    }
  }

  void expectOperator(String operator) throws ShellSyntaxException {
    if (!lexer.next().isOperator(operator)) {
      throw new ShellSyntaxException("%s is missing".formatted(operator));
    }
  }

  static ShellSyntaxException unexpected(Token token) {
    return new ShellSyntaxException("%s stands where nothing like it can".formatted(token.text()));
  }

  private Command chain() throws ShellSyntaxException {
    Command first = pipeline();
    var links = new ArrayList<Command.Link>();
    while (lexer.peek().isOperator("&&") || lexer.peek().isOperator("||")) {
      boolean and = lexer.next().isOperator("&&");
      newlines();
      links.add(new Command.Link(and, pipeline()));
    }
    return links.isEmpty() ? first : new Command.Chain(first, links);
  }

  private Command pipeline() throws ShellSyntaxException {
    boolean negated = false;
    while (lexer.peek().isReserved("!") || lexer.peek().isReserved("time")) {
      negated ^= lexer.next().isReserved("!");
    }
    var commands = new ArrayList<Command>();
    commands.add(command());
    while (lexer.peek().isOperator("|") || lexer.peek().isOperator("|&")) {
      lexer.next();
      newlines();
      commands.add(command());
    }
    return commands.size() == 1 && !negated
        ? commands.getFirst()
        : new Command.Pipeline(commands, negated);
  }

  private Command command() throws ShellSyntaxException {
    Optional<Command> compound = compounds.read();
    if (compound.isEmpty()) {
      return simple();
    }
    var redirections = new ArrayList<Redirection>();
    while (lexer.peek().isRedirection()) {
      redirections.add(redirection());
    }
    return redirections.isEmpty()
        ? compound.get()
        : new Command.Redirected(compound.get(), redirections);
  }

  private Command simple() throws ShellSyntaxException {
    var assignments = new ArrayList<Word>();
    var words = new ArrayList<Word>();
    var redirections = new ArrayList<Redirection>();
    while (true) {
      Token token = lexer.peek();
      if (token.isRedirection()) {
        redirections.add(redirection());
      } else if (token.isWord()) {
        Word word = lexer.next().word();
        boolean assignment = words.isEmpty() && Assignment.is(word);
        (assignment ? assignments : words).add(word);
        if (words.size() == 1 && lexer.peek().isOperator("(") && !assignment) {
          return compounds.function(word);
        }
      } else {
        break;
      }
    }
    if (assignments.isEmpty() && words.isEmpty() && redirections.isEmpty()) {
      throw unexpected(lexer.peek());
    }
    return new Command.Simple(assignments, words, redirections);
  }

  /** Whether a command takes assignments as arguments, which are not divided then. */
  static boolean declares(String command) {
    return DECLARATIONS.contains(command);
  }

  Redirection redirection() throws ShellSyntaxException {
    Token operator = lexer.next();
    Token target = lexer.next();
    if (!target.isWord()) {
      throw unexpected(target);
    }
    boolean document = operator.text().equals("<<") || operator.text().equals("<<-");
    Word word =
        document ? lexer.document(target.word(), operator.text().equals("<<-")) : target.word();
    return new Redirection(operator.descriptor(), operator.text(), word);
  }

  /** Words up to the end of a line or a semicolon. */
  List<Word> words() throws ShellSyntaxException {
    var words = new ArrayList<Word>();
    while (lexer.peek().isWord()) {
      words.add(lexer.next().word());
    }
    return words;
  }
}
