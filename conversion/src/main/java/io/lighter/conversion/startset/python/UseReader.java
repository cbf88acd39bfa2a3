package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.python.Statement.Assign;
import io.lighter.conversion.startset.python.Statement.Use;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Reads expressions: what they call, with which texts, and of what they take attributes. */
final class UseReader {

  private static final int MAX_CHAIN = 20;
  private static final int MAX_ARGUMENTS = 4;
  private static final int MAX_PARAMETERS = 5;

  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "as",
          "assert",
          "async",
          "await",
          "del",
          "else",
          "False",
          "for",
          "global",
          "if",
          "in",
          "is",
          "lambda",
          "None",
          "nonlocal",
          "not",
          "or",
          "pass",
          "return",
          "True",
          "yield");

  private final Lexer line;
  private final TestReader tests;

  UseReader(Lexer line, TestReader tests) {
    this.line = line;
    this.tests = tests;
  }

  /** A name with its attributes, from a token on. */
  String chain(int from) {
    if (!line.isName(from)) {
      return "";
    }
    int end = chainEnd(from);
    if (end == from + 1) {
      return line.text(from);
    }
    var chain = new StringBuilder(line.text(from));
    for (int i = from + 2; i < end; i += 2) {
      chain.append('.').append(line.text(i));
    }
    return chain.toString();
  }

  private int chainEnd(int from) {
    int end = from + 1;
    while (line.is(end, ".") && line.isName(end + 1) && end - from < 2 * MAX_CHAIN) {
      end += 2;
    }
    return end;
  }

  /** An expression statement or an assignment. */
  void statement(int from, int to, List<Statement> here) {
    read(from, to, here);
    int target = line.isName(from) ? chainEnd(from) : to;
    int equals = target;
    if (line.is(target, ":")) {
      while (equals < to && !line.is(equals, "=")) {
        equals++;
      }
    }
    if (equals >= to - 1 || !line.is(equals, "=")) {
      return;
    }
    String name = chain(from);
    int value = equals + 1;
    if (name.equals("__all__") && exports(value, to, here)) {
      return;
    }
    if (line.isName(value) && (!KEYWORDS.contains(line.text(value)) || line.is(value, "None"))) {
      int end = chainEnd(value);
      if (end == to) {
        here.add(new Assign(name, chain(value), false, tests.read(value, to)));
        return;
      }
      if (line.is(end, "(") && closing(end, to) == to - 1) {
        here.add(new Assign(name, chain(value), true, tests.read(value, to)));
        return;
      }
    }
    here.add(new Assign(name, "", false, tests.read(value, to)));
  }

  private boolean exports(int from, int to, List<Statement> here) {
    var names = new ArrayList<String>();
    boolean list = (line.is(from, "[") || line.is(from, "(")) && closing(from, to) == to - 1;
    for (int i = from + 1; list && i < to - 1; i++) {
      if (line.isString(i)) {
        line.literal(i).ifPresent(names::add);
      } else if (!line.is(i, ",")) {
        return false;
      }
    }
    if (list) {
      here.add(new Statement.Exports(names));
    }
    return list;
  }

  /** A decorator: it is called, with parentheses or without. */
  void decorator(List<Statement> here) {
    int end = line.isName(1) ? chainEnd(1) : 0;
    if (end == line.count()) {
      here.add(new Statement.Uses(List.of(new Use(chain(1), true, List.of(), 0))));
    } else {
      read(1, line.count(), here);
    }
  }

  /** Names of the first parameters of a function. */
  List<String> parameters(int open) {
    var names = new ArrayList<String>();
    int depth = 0;
    for (int i = open; i < line.count() && names.size() < MAX_PARAMETERS; i++) {
      if (line.is(i, "(") || line.is(i, "[") || line.is(i, "{")) {
        depth++;
      } else if (line.is(i, ")") || line.is(i, "]") || line.is(i, "}")) {
        depth--;
        if (depth == 0) {
          break;
        }
      }
      boolean begins = line.is(i, ",") || i == open;
      if (depth == 1 && begins && line.is(i + 1, "*")) {
        break;
      }
      if (depth == 1 && begins && line.isName(i + 1)) {
        names.add(line.text(i + 1));
      }
    }
    return names;
  }

  /** The defaults of parameters, which are worked out where the function is defined. */
  void defaults(int open, List<Statement> here) {
    int depth = 0;
    for (int i = open; i < line.count(); i++) {
      if (line.is(i, "(") || line.is(i, "[") || line.is(i, "{")) {
        depth++;
      } else if (line.is(i, ")") || line.is(i, "]") || line.is(i, "}")) {
        depth--;
      } else if (depth == 1 && line.is(i, "=")) {
        int end = i + 1;
        for (int inner = 0; end < line.count(); end++) {
          inner += line.is(end, "(") || line.is(end, "[") || line.is(end, "{") ? 1 : 0;
          if (inner == 0 && (line.is(end, ",") || line.is(end, ")"))) {
            break;
          }
          inner -= line.is(end, ")") || line.is(end, "]") || line.is(end, "}") ? 1 : 0;
        }
        read(i + 1, end, here);
        i = end - 1;
      }
    }
  }

  /** Everything in an expression. */
  void read(int from, int to, List<Statement> here) {
    var uses = new ArrayList<Use>();
    Deque<String> open = new ArrayDeque<>();
    for (int i = from; i < to; i++) {
      if (line.is(i, "lambda")) {
        break;
      }
      if (line.isName(i) && !line.is(i - 1, ".") && !KEYWORDS.contains(line.text(i))) {
        i = use(i, chain(i), uses, open);
      } else if (line.is(i, "(") || line.is(i, "[") || line.is(i, "{")) {
        open.push("");
      } else if ((line.is(i, ")") || line.is(i, "]") || line.is(i, "}")) && !open.isEmpty()) {
        String called = open.pop();
        if (!called.isEmpty() && line.is(i + 1, ".") && line.isName(i + 2)) {
          String receiver = called.length() > 200 ? "" : called + "().";
          i = use(i + 2, receiver + chain(i + 2), uses, open);
        }
      }
    }
    if (!uses.isEmpty()) {
      here.add(new Statement.Uses(uses));
    }
  }

  private int use(int at, String chain, List<Use> uses, Deque<String> open) {
    int end = chainEnd(at);
    if (line.is(end, "(")) {
      var arguments = new ArrayList<String>();
      int ancestors = arguments(end, arguments);
      uses.add(new Use(chain, true, arguments, ancestors));
      open.push(chain);
      return end;
    }
    if (chain.indexOf('.') > 0) {
      uses.add(new Use(chain, false, List.of(), 0));
    }
    return end - 1;
  }

  private int arguments(int open, List<String> arguments) {
    for (int i = open + 1; arguments.size() < MAX_ARGUMENTS; i += 2) {
      boolean alone = line.is(i + 1, ",") || line.is(i + 1, ")");
      if (line.isString(i) && alone) {
        arguments.add(line.literal(i).orElse("=?"));
      } else if (line.isName(i) && alone) {
        arguments.add("=" + line.text(i));
      } else if (line.isNumber(i) && alone) {
        arguments.add(line.text(i));
      } else {
        break;
      }
    }
    int ancestors = 0;
    boolean path = line.is(open - 1, "insert") || line.is(open - 1, "append");
    for (int i = open + 1; path && i < Math.min(line.count(), open + 60); i++) {
      ancestors += line.is(i, "dirname") || line.is(i, "parent") ? 1 : 0;
      if (line.isString(i) && line.literal(i).filter(text -> text.equals("..")).isPresent()) {
        ancestors++;
      }
    }
    return ancestors;
  }

  private int closing(int from, int to) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      if (line.is(i, "(") || line.is(i, "[") || line.is(i, "{")) {
        depth++;
      } else if (line.is(i, ")") || line.is(i, "]") || line.is(i, "}")) {
        depth--;
      }
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }
}
