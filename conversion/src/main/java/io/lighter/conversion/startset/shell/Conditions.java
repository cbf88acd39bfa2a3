package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@code test}, {@code [} and {@code [[} say. */
final class Conditions {

  private static final int MAX_DEPTH = 20;

  private static final Set<String> BINARY =
      Set.of(
          "=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot",
          "-ef");

  private static final String UNARY = "abcdefghknoprstuvwxzGLNORS";

  private final Start start;

  Conditions(Start start) {
    this.start = start;
  }

  /**
   * A word of a condition.
   *
   * @param pattern the same with its quotes kept as backslashes
   * @param operator whether it can be an operator
   */
  private record Operand(String text, String pattern, boolean operator) {
    boolean is(String other) {
      return operator && text.equals(other);
    }
  }

  /** What the arguments of {@code test} say. */
  Truth evaluate(List<String> words, State state) {
    var operands = new ArrayList<Operand>();
    words.forEach(word -> operands.add(new Operand(word, PathGlob.escaped(word), true)));
    return new Reading(operands, state, "-a", "-o").all();
  }

  /** What stands between double brackets. */
  Truth evaluate(Command.Test test, State state, Expansion expansion) {
    var operands = new ArrayList<Operand>();
    for (Word word : test.words()) {
      boolean operator = word.plain().isPresent();
      String pattern = expansion.pattern(word, state);
      operands.add(new Operand(expansion.text(word, state), pattern, operator));
    }
    return new Reading(operands, state, "&&", "||").all();
  }

  /** One pass over the words of one condition. */
  private final class Reading {
    private final List<Operand> words;
    private final State state;
    private final String and;
    private final String or;
    private int at;
    private int depth;

    Reading(List<Operand> words, State state, String and, String or) {
      this.words = words;
      this.state = state;
      this.and = and;
      this.or = or;
    }

    Truth all() {
      if (words.isEmpty()) {
        return Truth.FALSE;
      }
      Truth value = either();
      return at == words.size() ? value : Truth.UNKNOWN;
    }

    private boolean next(String operator) {
      boolean here = at < words.size() && words.get(at).is(operator);
      at += here ? 1 : 0;
      return here;
    }

    private Truth either() {
      Truth value = both();
      while (next(or)) {
        value = value.or(both());
      }
      return value;
    }

    private Truth both() {
      Truth value = single();
      while (next(and)) {
        value = value.and(single());
      }
      return value;
    }

    private Truth single() {
      boolean negated = false;
      while (!binaryAhead() && at + 1 < words.size() && next("!")) {
        negated = !negated;
      }
      Truth value = primary();
      return negated ? value.negated() : value;
    }

    private boolean binaryAhead() {
      return at + 2 < words.size()
          && words.get(at + 1).operator()
          && BINARY.contains(words.get(at + 1).text());
    }

    private Truth primary() {
      if (at >= words.size()) {
        return Truth.FALSE;
      }
      if (binaryAhead()) {
        at += 3;
        return binary(words.get(at - 3), words.get(at - 2).text(), words.get(at - 1));
      }
      Operand first = words.get(at++);
      if (first.is("(") && at < words.size() && depth < MAX_DEPTH) {
        depth++;
        Truth value = either();
        depth--;
        return next(")") ? value : Truth.UNKNOWN;
      }
      boolean unary =
          first.text().length() == 2 && first.text().charAt(0) == '-' && first.operator();
      if (unary && UNARY.indexOf(first.text().charAt(1)) >= 0 && at < words.size()) {
        return unary(first.text().charAt(1), words.get(at++).text(), state);
      }
      return isText(first.text());
    }
  }

  private static Truth isText(String text) {
    if (!Unknown.known(text).isEmpty()) {
      return Truth.TRUE;
    }
    return text.isEmpty() ? Truth.FALSE : Truth.UNKNOWN;
  }

  private static Truth binary(Operand left, String operator, Operand right) {
    return switch (operator) {
      case "=", "==" -> Patterns.matches(right.pattern(), left.text());
      case "!=" -> Patterns.matches(right.pattern(), left.text()).negated();
      case "<", ">" -> {
        boolean unknown = Unknown.in(left.text()) || Unknown.in(right.text());
        boolean less = left.text().compareTo(right.text()) < 0;
        yield unknown ? Truth.UNKNOWN : Truth.of(less == operator.equals("<"));
      }
      default -> {
        Optional<Long> one = Arithmetic.parsed(left.text());
        Optional<Long> other = Arithmetic.parsed(right.text());
        yield one.isEmpty() || other.isEmpty()
            ? Truth.UNKNOWN
            : numbers(one.get(), operator, other.get());
      }
    };
  }

  private static Truth numbers(long left, String operator, long right) {
    return switch (operator) {
      case "-eq" -> Truth.of(left == right);
      case "-ne" -> Truth.of(left != right);
      case "-lt" -> Truth.of(left < right);
      case "-le" -> Truth.of(left <= right);
      case "-gt" -> Truth.of(left > right);
      case "-ge" -> Truth.of(left >= right);
      default -> Truth.UNKNOWN;
    };
  }

  private Truth unary(char operator, String operand, State state) {
    return switch (operator) {
      case 'n' -> isText(operand);
      case 'z' -> isText(operand).negated();
      case 'v' -> Truth.of(!state.variables.values(operand).isEmpty());
      case 't', 'o', 'R' -> Truth.UNKNOWN;
      default -> file(operator, operand, state);
    };
  }

  private Truth file(char operator, String operand, State state) {
    if (operand.isEmpty()) {
      return Truth.FALSE;
    }
    String path = Paths.normal(state.absolute(operand));
    boolean kernel = path.startsWith("/proc") || path.startsWith("/sys") || path.startsWith("/dev");
    if (kernel || state.mayHaveChanged(operand)) {
      return Truth.UNKNOWN;
    }
    if (operator == 'L' || operator == 'h') {
      return Truth.of(isLink(path));
    }
    Optional<ImageFile> found = start.image().find(path);
    if (found.isEmpty()) {
      return Truth.FALSE;
    }
    ImageFile file = found.get();
    return switch (operator) {
      case 'a', 'e', 'r' -> Truth.TRUE;
      case 'w' -> start.isRoot() ? Truth.TRUE : Truth.UNKNOWN;
      case 'f' -> Truth.of(file.isRegular());
      case 'd' -> Truth.of(file.isDirectory());
      case 'x' -> Truth.of(file.isDirectory() || file.isExecutable());
      case 's' -> Truth.of(file.isDirectory() || file.size() > 0);
      default -> file.isRegular() || file.isDirectory() ? Truth.FALSE : Truth.UNKNOWN;
    };
  }

  private boolean isLink(String path) {
    return start
        .image()
        .directory(Paths.directory(path))
        .map(directory -> directory.children().get(Paths.name(path)))
        .filter(file -> file.kind() == ImageFile.Kind.SYMLINK)
        .isPresent();
  }
}
