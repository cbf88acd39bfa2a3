package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Reads conditions out of the tokens of a line, and decides in them what the image decides. */
final class TestReader {

  private static final int MAX_DEPTH = 20;
  private static final int MAX_TOKENS = 200;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final String NONE = "None";

  private final Lexer line;
  private final Facts facts;

  TestReader(Lexer line, Facts facts) {
    this.line = line;
    this.facts = facts;
  }

  /** The condition that some tokens of the line make. */
  Test read(int from, int to) {
    return to - from > MAX_TOKENS ? Test.unknown() : test(from, to, 0);
  }

  private Test test(int from, int to, int depth) {
    if (from >= to || depth > MAX_DEPTH || find(from, to, "if") >= 0) {
      return Test.unknown();
    }
    if (line.is(from, "(") && closing(from, to) == to - 1 && find(from + 1, to - 1, ",") < 0) {
      return test(from + 1, to - 1, depth + 1);
    }
    if (find(from, to, "or") >= 0) {
      return joined(from, to, "or", Truth.TRUE, depth);
    }
    if (find(from, to, "and") >= 0) {
      return joined(from, to, "and", Truth.FALSE, depth);
    }
    if (line.is(from, "not")) {
      return new Test.Not(test(from + 1, to, depth + 1));
    }
    return comparison(from, to);
  }

  private Test joined(int from, int to, String word, Truth deciding, int depth) {
    var parts = new ArrayList<Test>();
    int begin = from;
    for (int at = find(from, to, word); at >= 0; at = find(begin, to, word)) {
      parts.add(test(begin, at, depth + 1));
      begin = at + 1;
    }
    parts.add(test(begin, to, depth + 1));
    return new Test.Joined(List.copyOf(parts), deciding);
  }

  private Test comparison(int from, int to) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      depth += opens(i) ? 1 : closes(i) ? -1 : 0;
      boolean word = line.is(i, "in") || line.is(i, "is");
      if (depth == 0 && i > from && (word || COMPARISONS.contains(line.text(i)))) {
        boolean notIn = line.is(i, "in") && line.is(i - 1, "not");
        boolean isNot = line.is(i, "is") && line.is(i + 1, "not");
        Test plain = compared(from, notIn ? i - 1 : i, line.text(i), isNot ? i + 2 : i + 1, to);
        return notIn || isNot ? new Test.Not(plain) : plain;
      }
    }
    Optional<Object> value = operand(from, to);
    if (value.isPresent()) {
      return Test.known(truthy(value.get()));
    }
    String text = joinedText(from, to);
    Optional<Boolean> known = facts.truth(text);
    if (known.isPresent()) {
      return Test.known(known.get());
    }
    return isChain(text) ? new Test.Reference(text) : Test.unknown();
  }

  private Test compared(int from, int to, String operator, int otherFrom, int otherTo) {
    String left = joinedText(from, to);
    String right = joinedText(otherFrom, otherTo);
    boolean equality = operator.equals("==") || operator.equals("!=");
    if (equality && (left.equals("__name__") || right.equals("__name__"))) {
      boolean main = left.contains("__main__") || right.contains("__main__");
      Test test = main ? new Test.IsMain() : Test.unknown();
      return operator.equals("==") ? test : new Test.Not(test);
    }
    if (operator.equals("is") && right.equals(NONE) && isChain(left)) {
      return new Test.IsNone(left);
    }
    if (operator.equals("in") && right.equals("os.environ") && from + 1 == to) {
      return line.isString(from)
          ? line.literal(from).map(name -> Test.known(facts.isSet(name))).orElse(Test.unknown())
          : Test.unknown();
    }
    Optional<Object> a = operand(from, to);
    Optional<Object> b = operand(otherFrom, otherTo);
    return a.isPresent() && b.isPresent()
        ? compare(a.get(), b.get(), operator).map(Test::known).orElse(Test.unknown())
        : Test.unknown();
  }

  private static Optional<Boolean> compare(Object a, Object b, String operator) {
    return switch (operator) {
      case "==", "is" -> Optional.of(Objects.equals(a, b));
      case "!=" -> Optional.of(!Objects.equals(a, b));
      case "in" -> b instanceof List<?> list ? Optional.of(list.contains(a)) : Optional.empty();
      default -> order(a, b).map(order -> holds(order, operator));
    };
  }

  private static boolean holds(int order, String operator) {
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  private static Optional<Integer> order(Object a, Object b) {
    if (a instanceof Long x && b instanceof Long y) {
      return Optional.of(x.compareTo(y));
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        Optional<Integer> order = order(x.get(i), y.get(i));
        if (order.isEmpty() || order.get() != 0) {
          return order;
        }
      }
      return Optional.of(Integer.compare(x.size(), y.size()));
    }
    return Optional.empty();
  }

  private static boolean truthy(Object value) {
    return switch (value) {
      case Boolean truth -> truth;
      case Long number -> number != 0;
      case List<?> list -> !list.isEmpty();
      default -> !value.equals("") && !value.equals(Facts.NONE);
    };
  }

  /** The value of an expression that no name of the program is in. */
  private Optional<Object> operand(int from, int to) {
    if (to - from == 1 && line.isString(from)) {
      return line.literal(from).map(Object.class::cast);
    }
    boolean brackets = line.is(from, "(") || line.is(from, "[") || line.is(from, "{");
    if (brackets && closing(from, to) == to - 1) {
      var values = new ArrayList<Object>();
      for (int i = from + 1; i < to - 1; i += 2) {
        Optional<Object> value = operand(i, i + 1);
        if (value.isEmpty() || (i + 1 < to - 1 && !line.is(i + 1, ","))) {
          return Optional.empty();
        }
        values.add(value.get());
      }
      return Optional.of(values);
    }
    if (to - from == 1 && line.kind(from) == Lexer.Kind.NUMBER) {
      try {
        return Optional.of(Long.decode(line.text(from).replace("_", "")));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }
    return facts.value(joinedText(from, to));
  }

  private String joinedText(int from, int to) {
    var text = new StringBuilder();
    for (int i = from; i < Math.min(to, from + 16); i++) {
      text.append(line.isString(i) ? "'" + line.literal(i).orElse("?") + "'" : line.text(i));
    }
    return text.toString();
  }

  static boolean isChain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      if (!(Character.isLetter(c) || c == '_' || (i > 0 && (digit || c == '.')))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private boolean opens(int token) {
    return line.is(token, "(") || line.is(token, "[") || line.is(token, "{");
  }

  private boolean closes(int token) {
    return line.is(token, ")") || line.is(token, "]") || line.is(token, "}");
  }

  private int closing(int from, int to) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      depth += opens(i) ? 1 : closes(i) ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /** First place outside brackets with a word. */
  private int find(int from, int to, String word) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      depth += opens(i) ? 1 : closes(i) ? -1 : 0;
      if (depth == 0 && line.is(i, word)) {
        return i;
      }
    }
    return -1;
  }
}
