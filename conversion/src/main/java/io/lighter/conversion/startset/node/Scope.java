package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.trace.Truth;
import org.jspecify.annotations.Nullable;

/**
 * A bracket that is open in a source, or a branch or body without any. What it says of the code in
 * it begins as what the scope around it says. Not thread-safe.
 */
final class Scope {

  /** What it is. */
  enum Type {
    SOURCE,
    /** In round brackets, or square ones. */
    GROUP,
    /** Round brackets behind {@code if} and the like. */
    CONTROL,
    BLOCK,
    /** Literals of objects, and bodies of classes. */
    MEMBERS,
    FUNCTION,
    /** A substitution of a template. */
    TEMPLATE,
    /** What a condition or loop governs, with braces in it or without. */
    STATEMENT,
    /** Body of an arrow function, with braces in it or without. */
    ARROW
  }

  /** What precedes a round bracket and decides what a brace behind it is. */
  enum Head {
    NONE,
    CALL,
    /** Parameters of a function. */
    FUNCTION,
    /** Parameters of a function that is called where it stands. */
    CALLED_FUNCTION,
    IF,
    CATCH,
    /** Loops and the like. */
    OTHER_CONTROL
  }

  final Type type;

  /** Position of its first byte. */
  final int start;

  /** In how many functions it is that are not called where they stand. */
  int functions;

  /** Whether it is never reached. */
  boolean dead;

  /** Whether something decides that the source does not tell. */
  boolean conditional;

  /** Whether failures in it are caught. */
  boolean guarded;

  /** Whether it is reached only after a failure. */
  boolean afterFailure;

  Head head = Head.NONE;

  /** Whether functions right in it are called at once. */
  boolean calls;

  /** Whether there is a function right in it. */
  boolean containsFunction;

  /** Value of the condition whose branch it is. */
  @Nullable Truth branchOf;

  Scope(Type type, int start, @Nullable Scope around) {
    this.type = type;
    this.start = start;
    if (around != null) {
      functions = around.functions;
      dead = around.dead;
      conditional = around.conditional;
      guarded = around.guarded;
      afterFailure = around.afterFailure;
    }
  }

  /** Makes it the branch that is taken if a condition holds. */
  void becomeBranchOf(Truth value) {
    branchOf = value;
    dead |= value == Truth.FALSE;
    conditional |= value == Truth.UNKNOWN;
  }

  /** Makes it the body of a function. */
  void becomeFunction(boolean called) {
    functions += called ? 0 : 1;
  }

  /** Whether statements stand in it. */
  boolean holdsStatements() {
    return switch (type) {
      case SOURCE, BLOCK, FUNCTION, STATEMENT -> true;
      case GROUP, CONTROL, MEMBERS, TEMPLATE, ARROW -> false;
    };
  }

  /** Whether it has no brackets of its own that would end it. */
  boolean isBare() {
    return type == Type.STATEMENT || type == Type.ARROW;
  }
}
