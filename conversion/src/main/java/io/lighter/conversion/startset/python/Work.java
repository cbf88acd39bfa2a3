package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Certainty;
import java.util.List;

/** What is left to do of a program, innermost first: Python's stack, kept as data. */
sealed interface Work {

  /** Statements that run one after the other. */
  final class Block implements Work {
    private final Frame frame;
    private final List<Statement> statements;
    private int next;

    Block(Frame frame, List<Statement> statements) {
      this.frame = frame;
      this.statements = statements;
    }

    Frame frame() {
      return frame;
    }

    boolean hasNext() {
      return next < statements.size();
    }

    Statement next() {
      return statements.get(next++);
    }
  }

  /** The end of the body of a {@code try}. */
  record EndOfTry(Frame frame, Statement.Try attempt) implements Work {}

  /** The end of statements that may not run; a failure goes no further. */
  record EndOfGuess() implements Work {}

  /** The end of a function. */
  record EndOfFunction() implements Work {}

  /** The end of a module. */
  record EndOfModule(Module module) implements Work {}

  /**
   * An import of one module, whose parent is imported already.
   *
   * @param by who imports it
   * @param required whether it is a failure if there is none
   */
  record Load(String module, String by, Certainty certainty, boolean required) implements Work {}

  /** A call of a function, unless it was called before with the same texts. */
  record Call(Frame frame, Value.OfFunction function, List<Value> arguments) implements Work {}

  /** Something that is done at once. */
  record Then(Runnable step) implements Work {}
}
