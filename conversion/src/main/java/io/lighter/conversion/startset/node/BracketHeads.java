package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.node.JsTokens.Kind;
import io.lighter.conversion.startset.node.Scope.Head;

/** Tells by what stands in front of it what a round bracket is: the present token. */
final class BracketHeads {

  private final JsTokens tokens;

  BracketHeads(JsTokens tokens) {
    this.tokens = tokens;
  }

  /** Whether a name stands behind a dot. */
  boolean isProperty(int back) {
    return tokens.is(back + 1, ".") || tokens.is(back + 1, "?.");
  }

  /** Whether it holds the parameters of a function that the keyword begins. */
  boolean isFunction() {
    return functionBack() > 0;
  }

  /** Which statement's condition or head it is; {@code NONE} for everything else. */
  Head control(Scope around) {
    if (tokens.kind(1) != Kind.NAME || isProperty(1) || around.type == Scope.Type.MEMBERS) {
      return Head.NONE;
    }
    return switch (tokens.text(1)) {
      case "if" -> Head.IF;
      case "catch" -> Head.CATCH;
      case "for", "while", "switch", "with" -> Head.OTHER_CONTROL;
      case "await" -> tokens.is(2, "for") ? Head.OTHER_CONTROL : Head.NONE;
      default -> Head.NONE;
    };
  }

  /** How far back the keyword is whose parameters this bracket holds; 0 if it does not. */
  private int functionBack() {
    for (int back = 1; back <= 3; back++) {
      if (tokens.is(back, "function")) {
        return back;
      }
      if (tokens.kind(back) != Kind.NAME && !tokens.is(back, "*")) {
        return 0;
      }
    }
    return 0;
  }

  /** Whether a function expression is what is called, or the operand of an operator. */
  boolean isCalledFunction(boolean atOnce) {
    int back = functionBack() + 1;
    back += tokens.is(back, "async") ? 1 : 0;
    char before = tokens.punctuation(back);
    return ((before == '(' || before == ',') && atOnce)
        || (before != 0 && "!+-~".indexOf(before) >= 0)
        || tokens.is(back, "void")
        || tokens.is(back, "new");
  }

  /** Whether it can hold the parameters of an arrow function that is all of an argument. */
  boolean beginsArgument() {
    int back = tokens.is(1, "async") ? 2 : 1;
    return tokens.is(back, "(") || tokens.is(back, ",");
  }
}
