package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.python.Statement.Binding;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads the statements of a module or of one of its functions, nested as the source is. Bodies of
 * functions are passed over. What cannot be understood is left out.
 */
final class StatementReader {

  /** Python itself refuses more. */
  private static final int MAX_NESTED = 100;

  private final Lexer line;
  private final TestReader tests;
  private final UseReader uses;
  private final SimpleStatements simple;
  private final Deque<Open> blocks = new ArrayDeque<>();
  private Binding decorated = Binding.PLAIN;

  /** A block whose end has not come: the lines further in than a column. */
  private record Open(int column, List<Statement> statements) {}

  private StatementReader(Lexer line, Facts facts) {
    this.line = line;
    this.tests = new TestReader(line, facts);
    this.uses = new UseReader(line, tests);
    this.simple = new SimpleStatements(line, uses);
  }

  /** The statements of a module. */
  static List<Statement> read(byte[] source, Facts facts) {
    return read(source, 0, source.length, facts);
  }

  /** The statements of a part of a source, which begins at the beginning of a line. */
  static List<Statement> read(byte[] source, int begin, int end, Facts facts) {
    return new StatementReader(new Lexer(source, begin, end), facts).all();
  }

  private List<Statement> all() {
    var statements = new ArrayList<Statement>();
    blocks.push(new Open(-1, statements));
    while (line.next()) {
      while (blocks.size() > 1 && innermost().column() >= line.indent()) {
        blocks.pop();
      }
      logicalLine();
    }
    return statements;
  }

  private Open innermost() {
    return blocks.getFirst();
  }

  private void logicalLine() {
    List<Statement> here = innermost().statements();
    int first = line.is(0, "async") ? 1 : 0;
    switch (line.isName(first) ? line.text(first) : "") {
      case "def" -> function(here, first);
      case "class" -> classDefinition(here);
      case "if" -> {
        var choice = new Statement.Choice(new ArrayList<>());
        here.add(choice);
        arm(choice);
      }
      case "elif", "else" -> otherwise(here);
      case "try" -> {
        var attempt = new Statement.Try();
        here.add(attempt);
        block(attempt.body(), 1);
      }
      case "except" -> except(here);
      case "finally" -> {
        boolean after = !here.isEmpty() && here.getLast() instanceof Statement.Try;
        block(after ? ((Statement.Try) here.getLast()).last() : here, 1);
      }
      case "with" -> with(here, first);
      case "for", "while" -> {
        int colon = colon(first + 1);
        uses.read(first + 1, colon, here);
        block(here, colon);
      }
      case "match", "case" -> {
        if (line.is(line.count() - 1, ":")) {
          var perhaps = new Statement.Perhaps(new ArrayList<>());
          here.add(perhaps);
          open(line.is(0, "case") ? perhaps.body() : here);
        } else {
          simple.read(0, line.count(), here);
        }
      }
      default -> {
        if (line.is(0, "@")) {
          decorator(here);
        } else {
          simple.read(0, line.count(), here);
        }
      }
    }
  }

  private void decorator(List<Statement> here) {
    String name = line.text(line.count() - 1);
    if (line.count() > 1 && (name.endsWith("property") || name.equals("reify"))) {
      decorated = Binding.PROPERTY;
    } else if (line.count() == 2 && name.equals("staticmethod")) {
      decorated = Binding.STATIC;
    }
    uses.decorator(here);
  }

  private void function(List<Statement> here, int def) {
    int column = line.indent();
    int open = def + 2;
    while (open < line.count() && !line.is(open, "(")) {
      open++;
    }
    boolean named = line.isName(def + 1) && open < line.count();
    String name = named ? line.text(def + 1) : "";
    List<String> parameters = uses.parameters(open);
    uses.defaults(open, here);
    int colon = colon(open);
    boolean inline = colon + 1 < line.count();
    int begin = inline ? line.begin(colon + 1) : line.position();
    line.skipDeeper(inline ? Integer.MAX_VALUE : column);
    int end = line.position();
    if (named) {
      here.add(new Statement.Function(name, begin, end, parameters, decorated));
    }
    decorated = Binding.PLAIN;
  }

  private void classDefinition(List<Statement> here) {
    int colon = colon(1);
    var bases = new ArrayList<String>();
    for (int i = 3; line.is(2, "(") && i < colon && bases.size() < 20; i++) {
      boolean begins = (line.is(i - 1, "(") && i == 3) || line.is(i - 1, ",");
      if (begins && line.isName(i) && !line.is(i + 1, "=")) {
        bases.add(uses.chain(i));
      }
    }
    uses.read(2, colon, here);
    String name = line.isName(1) ? line.text(1) : "";
    var definition = new Statement.ClassDefinition(name, bases, new ArrayList<>());
    here.add(definition);
    decorated = Binding.PLAIN;
    block(definition.body(), colon);
  }

  private void arm(Statement.Choice choice) {
    int colon = colon(1);
    var body = new ArrayList<Statement>();
    Test test = line.is(0, "else") ? Test.known(true) : tests.read(1, colon);
    if (!line.is(0, "else")) {
      uses.read(1, colon, innermost().statements());
    }
    choice.arms().add(new Statement.Arm(test, body));
    block(body, colon);
  }

  private void otherwise(List<Statement> here) {
    // What the tests of other arms use may stand between.
    int at = here.size() - 1;
    while (at >= 0 && here.get(at) instanceof Statement.Uses) {
      at--;
    }
    if (at >= 0 && here.get(at) instanceof Statement.Choice choice) {
      arm(choice);
    } else if (at >= 0 && here.get(at) instanceof Statement.Try attempt) {
      block(attempt.otherwise(), 1);
    } else {
      block(here, colon(1));
    }
  }

  private void except(List<Statement> here) {
    int colon = colon(1);
    if (here.isEmpty() || !(here.getLast() instanceof Statement.Try attempt)) {
      block(new ArrayList<>(), colon);
      return;
    }
    boolean imports = colon == 1;
    for (int i = 1; i < colon; i++) {
      imports |= line.isName(i) && SimpleStatements.catchesImports(line.text(i));
    }
    if (imports && !attempt.catchesImports()) {
      attempt.catchImports();
      block(attempt.handlers(), colon);
    } else {
      block(new ArrayList<>(), colon);
    }
  }

  private void with(List<Statement> here, int with) {
    int colon = colon(with + 1);
    boolean suppresses = false;
    boolean imports = false;
    for (int i = with + 1; i < colon; i++) {
      suppresses |= line.is(i, "suppress");
      imports |= line.isName(i) && SimpleStatements.catchesImports(line.text(i));
    }
    uses.read(with + 1, colon, here);
    if (suppresses && imports) {
      var attempt = new Statement.Try();
      attempt.catchImports();
      here.add(attempt);
      block(attempt.body(), colon);
    } else {
      block(here, colon);
    }
  }

  /** What follows a colon: the rest of the line, or the lines further in. */
  private void block(List<Statement> statements, int colon) {
    if (colon + 1 < line.count()) {
      simple.read(colon + 1, line.count(), statements);
    } else {
      open(statements);
    }
  }

  private void open(List<Statement> statements) {
    if (blocks.size() < MAX_NESTED) {
      blocks.push(new Open(line.indent(), statements));
    }
  }

  /** The colon that ends the head of a compound statement; the end of the line without one. */
  private int colon(int from) {
    int depth = 0;
    int lambdas = 0;
    for (int i = from; i < line.count(); i++) {
      if (line.is(i, "(") || line.is(i, "[") || line.is(i, "{")) {
        depth++;
      } else if (line.is(i, ")") || line.is(i, "]") || line.is(i, "}")) {
        depth--;
      } else if (depth == 0 && line.is(i, "lambda")) {
        lambdas++;
      } else if (depth == 0 && line.is(i, ":") && lambdas-- == 0) {
        return i;
      }
    }
    return line.count();
  }
}
