package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.python.Statement.Name;
import java.util.ArrayList;
import java.util.List;

/** Reads statements that have no statements inside: imports, assignments, expressions. */
final class SimpleStatements {

  private final Lexer line;
  private final UseReader uses;

  SimpleStatements(Lexer line, UseReader uses) {
    this.line = line;
    this.uses = uses;
  }

  /** Whether a handler of an exception is one of imports that fail. */
  static boolean catchesImports(String exception) {
    return switch (exception) {
      case "ImportError", "ModuleNotFoundError", "Exception", "BaseException" -> true;
      default -> false;
    };
  }

  /** Simple statements between semicolons. */
  void read(int from, int to, List<Statement> here) {
    int begin = from;
    for (int i = from; i <= to; i++) {
      if (i == to || line.is(i, ";")) {
        if (i > begin) {
          one(begin, i, here);
        }
        begin = i + 1;
      }
    }
  }

  private void one(int from, int to, List<Statement> here) {
    switch (line.isName(from) ? line.text(from) : "") {
      case "import" -> {
        var modules = new ArrayList<Name>();
        names(from + 1, to, modules);
        here.add(new Statement.Import(modules));
      }
      case "from" -> fromImport(from, to, here);
      case "raise" -> {
        uses.read(from + 1, to, here);
        here.add(new Statement.Raise(to == from + 1 || catchesImports(line.text(from + 1))));
      }
      case "return" -> {
        uses.read(from + 1, to, here);
        here.add(new Statement.Return());
      }
      default -> uses.statement(from, to, here);
    }
  }

  private void fromImport(int from, int to, List<Statement> here) {
    int level = 0;
    int at = from + 1;
    for (; line.is(at, "."); at++) {
      level++;
    }
    String module = "";
    if (!line.is(at, "import")) {
      module = uses.chain(at);
      while (at < to && !line.is(at, "import")) {
        at++;
      }
    }
    if (at >= to) {
      return;
    }
    var names = new ArrayList<Name>();
    names(at + 1, to, names);
    here.add(new Statement.From(level, module, names));
  }

  /** {@code a.b as c, d}, in parentheses or not. */
  private void names(int from, int to, List<Name> names) {
    for (int i = from; i < to; i++) {
      if (line.is(i, "*")) {
        names.add(new Name("*", ""));
      } else if (line.isName(i)) {
        String name = uses.chain(i);
        while (line.is(i + 1, ".") && i + 2 < to) {
          i += 2;
        }
        boolean as = line.is(i + 1, "as") && line.isName(i + 2);
        names.add(new Name(name, as ? line.text(i + 2) : ""));
        i += as ? 2 : 0;
      }
    }
  }
}
