package io.lighter.conversion.startset.shell;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Calculates with whole numbers (POSIX.1-2024, section 2.6.4), without assignments. */
final class Arithmetic {

  private static final int MAX_DEPTH = 20;
  private static final int MAX_LENGTH = 1_000;

  /** From those that bind least; longer ones in front of those that they begin with. */
  private static final List<List<String>> LEVELS =
      List.of(
          List.of("||"),
          List.of("&&"),
          List.of("==", "!="),
          List.of("<=", ">=", "<", ">"),
          List.of("+", "-"),
          List.of("*", "/", "%"));

  private final String text;
  private final UnaryOperator<String> variables;
  private int at;
  private int depth;

  /**
   * An expression.
   *
   * @param variables their values by their names
   */
  Arithmetic(String text, UnaryOperator<String> variables) {
    this.text = text;
    this.variables = variables;
  }

  /** What comes out; empty if that is not known. */
  Optional<Long> value() {
    if (text.isBlank()) {
      return Optional.of(0L);
    }
    if (text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Optional<Long> value = level(0);
    blanks();
    return at == text.length() ? value : Optional.empty();
  }

  private Optional<Long> level(int level) {
    if (level == LEVELS.size()) {
      return factor();
    }
    Optional<Long> left = level(level + 1);
    while (left.isPresent()) {
      Optional<String> operator = operator(LEVELS.get(level));
      if (operator.isEmpty()) {
        return left;
      }
      Optional<Long> right = level(level + 1);
      long first = left.get();
      left = right.flatMap(second -> apply(operator.get(), first, second));
    }
    return left;
  }

  private Optional<String> operator(List<String> operators) {
    blanks();
    for (String operator : operators) {
      if (text.startsWith(operator, at)) {
        at += operator.length();
        return Optional.of(operator);
      }
    }
    return Optional.empty();
  }

  private static Optional<Long> apply(String operator, long left, long right) {
    boolean divides = operator.equals("/") || operator.equals("%");
    if (divides && right == 0) {
      return Optional.empty();
    }
    return Optional.of(
        switch (operator) {
          case "||" -> number(left != 0 || right != 0);
          case "&&" -> number(left != 0 && right != 0);
          case "==" -> number(left == right);
          case "!=" -> number(left != right);
          case "<=" -> number(left <= right);
          case ">=" -> number(left >= right);
          case "<" -> number(left < right);
          case ">" -> number(left > right);
          case "+" -> left + right;
          case "-" -> left - right;
          case "*" -> left * right;
          case "/" -> left / right;
          default -> left % right;
        });
  }

  private static long number(boolean value) {
    return value ? 1 : 0;
  }

  private Optional<Long> factor() {
    blanks();
    if (at >= text.length() || ++depth > MAX_DEPTH) {
      return Optional.empty();
    }
    char c = text.charAt(at);
    Optional<Long> value;
    if (c == '(') {
      at++;
      value = level(0);
      blanks();
      boolean closed = at < text.length() && text.charAt(at++) == ')';
      value = closed ? value : Optional.empty();
    } else if (c == '-' || c == '+' || c == '!') {
      at++;
      value = factor().map(n -> c == '-' ? -n : c == '+' ? n : number(n == 0));
    } else {
      value = operand();
    }
    depth--;
    return value;
  }

  private Optional<Long> operand() {
    int begin = at;
    while (at < text.length() && Source.isName(text.charAt(at), false)) {
      at++;
    }
    String operand = text.substring(begin, at);
    if (operand.isEmpty()) {
      return Optional.empty();
    }
    boolean name = Source.isName(operand.charAt(0), true);
    String value = name ? variables.apply(operand) : operand;
    return value.isEmpty() ? Optional.of(0L) : parsed(value);
  }

  /** A whole decimal number; empty if it is none. */
  static Optional<Long> parsed(String text) {
    try {
      return Optional.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private void blanks() {
    while (at < text.length() && text.charAt(at) <= ' ') {
      at++;
    }
  }
}
