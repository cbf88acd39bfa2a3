package io.lighter.conversion.startset.python;

import java.util.ArrayList;
import java.util.List;

/** What matters of a statement to somebody who wants to know what is imported. */
sealed interface Statement {

  /**
   * A name that a statement brings in.
   *
   * @param name a module, or what is taken out of one; {@code *} for everything
   * @param alias the name it is given; empty if it keeps its own
   */
  record Name(String name, String alias) {}

  /** {@code import a, b.c as d}. */
  record Import(List<Name> modules) implements Statement {}

  /**
   * {@code from ..a import b}.
   *
   * @param level how many dots it has
   */
  record From(int level, String module, List<Name> names) implements Statement {}

  /** {@code if} with everything that belongs to it: the first arm whose test is true runs. */
  record Choice(List<Arm> arms) implements Statement {}

  /** One way that a choice can take; that of {@code else} is always true. */
  record Arm(Test test, List<Statement> body) {}

  /** {@code try} with everything that belongs to it. */
  final class Try implements Statement {
    private final List<Statement> body = new ArrayList<>();
    private final List<Statement> handlers = new ArrayList<>();
    private final List<Statement> otherwise = new ArrayList<>();
    private final List<Statement> last = new ArrayList<>();
    private boolean catchesImports;

    List<Statement> body() {
      return body;
    }

    /** What runs when an import in the body fails. */
    List<Statement> handlers() {
      return handlers;
    }

    List<Statement> otherwise() {
      return otherwise;
    }

    List<Statement> last() {
      return last;
    }

    /** Whether an import that fails in the body is caught. */
    boolean catchesImports() {
      return catchesImports;
    }

    void catchImports() {
      catchesImports = true;
    }
  }

  /** A block that may run or not. */
  record Perhaps(List<Statement> body) implements Statement {}

  /**
   * {@code def}. The body is looked at when somebody calls it.
   *
   * @param begin where the body begins in the source
   * @param end where it ends
   * @param parameters the names of its first ones
   * @param binding how it is found on an object
   */
  record Function(String name, int begin, int end, List<String> parameters, Binding binding)
      implements Statement {}

  /** What the decorators of a function make of it. */
  enum Binding {
    PLAIN,
    STATIC,
    /** Reading the attribute calls it. */
    PROPERTY
  }

  /** {@code class}. Its body runs where it stands. */
  record ClassDefinition(String name, List<String> bases, List<Statement> body)
      implements Statement {}

  /** An expression: everything in it that is called or has attributes. */
  record Uses(List<Use> uses) implements Statement {}

  /**
   * A name with attributes. The result of a call is written with parentheses: {@code App().run}.
   *
   * @param arguments texts that it is called with, as long as there are only texts and names; names
   *     as {@code =name}
   * @param ancestors how many directories up a path in the arguments leads
   */
  record Use(String chain, boolean called, List<String> arguments, int ancestors) {}

  /**
   * A name gets another value.
   *
   * @param source what the value comes from; empty if it is something else
   * @param called whether it is what a call of the source gives
   * @param test what is known of the truth of the value
   */
  record Assign(String target, String source, boolean called, Test test) implements Statement {}

  /** {@code __all__ = [...]}: what others get who import everything. */
  record Exports(List<String> names) implements Statement {}

  /** {@code raise}: what follows in the block does not run. */
  record Raise(boolean importError) implements Statement {}

  /** {@code return}: what follows in the function does not run. */
  record Return() implements Statement {}
}
