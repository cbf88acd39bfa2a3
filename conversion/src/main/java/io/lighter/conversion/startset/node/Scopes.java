package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.node.JsTokens.Kind;
import io.lighter.conversion.startset.node.Scope.Head;
import io.lighter.conversion.startset.node.Scope.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the brackets of a JavaScript source, token by token: whether the present place is in a
 * function and if that function is called on the spot, in the branch of a condition and if that
 * branch is ever taken, in a {@code try}. No parser: statements are told from expressions by the
 * tokens around a bracket. Not thread-safe.
 */
final class Scopes {

  /** Sources that are nested more deeply are not looked into further. */
  private static final int MAX_DEPTH = 20_000;

  private static final Set<String> BEFORE_OPERANDS =
      Set.of(
          "return",
          "typeof",
          "case",
          "in",
          "of",
          "do",
          "else",
          "void",
          "delete",
          "instanceof",
          "new",
          "throw",
          "yield",
          "await",
          "extends",
          "default",
          "export");

  private final JsTokens tokens;
  private final Condition condition;
  private final List<Scope> open = new ArrayList<>();

  /** The round brackets that were closed last. */
  private Scope closedGroup = new Scope(Type.GROUP, 0, null);

  private boolean statementEnded = true;
  private boolean operandEnded;
  private boolean classAhead;

  /** Value of the condition that an {@code else} here would belong to. */
  private @Nullable Truth elseOf;

  /**
   * At the beginning of a source.
   *
   * @param condition tells what is known of the condition of an {@code if}
   */
  Scopes(JsTokens tokens, Condition condition) {
    this.tokens = tokens;
    this.condition = condition;
    open.add(new Scope(Type.SOURCE, 0, null));
  }

  /** Whether an expression can begin at the next token. */
  boolean operandExpected() {
    return !operandEnded;
  }

  /** Whether the present place is not within any bracket. */
  boolean isOutermost() {
    return open.size() == 1;
  }

  /** The scope of the present token; an opening bracket is in the scope that it opens. */
  Scope here() {
    return open.getLast();
  }

  private Scope push(Type type) {
    var scope = new Scope(type, tokens.start(0), here());
    open.add(scope);
    return scope;
  }

  /**
   * Takes the present token in.
   *
   * @return false if the source is nested too deeply to go on
   */
  boolean take() {
    endBareScopes();
    boolean wasOperand = operandEnded;
    operandEnded = endsOperand();
    statementEnded = false;
    switch (tokens.kind(0)) {
      case PUNCTUATION -> punctuation(wasOperand);
      case TEMPLATE_PART -> push(Type.TEMPLATE);
      case NAME -> keyword();
      case END, NUMBER, STRING, TEMPLATE, REGEX -> {}
    }
    return open.size() < MAX_DEPTH;
  }

  private boolean endsOperand() {
    return switch (tokens.kind(0)) {
      case END, TEMPLATE_PART -> false;
      case NUMBER, STRING, TEMPLATE, REGEX -> true;
      case NAME -> isProperty(0) || !BEFORE_OPERANDS.contains(tokens.text(0));
      case PUNCTUATION -> {
        char c = tokens.punctuation(0);
        yield c == ')' || c == ']' || c == '}' || tokens.is(0, "++") || tokens.is(0, "--");
      }
    };
  }

  private boolean isProperty(int back) {
    return tokens.is(back + 1, ".") || tokens.is(back + 1, "?.");
  }

  /** Ends the branches and bodies that end in front of the present token. */
  private void endBareScopes() {
    boolean ended = statementEnded || endsByNewline();
    Truth condition = elseOf;
    boolean isElse = tokens.is(0, "else") && !isProperty(0);
    while (ended && here().isBare() && !(isElse && condition != null)) {
      condition = open.removeLast().branchOf;
    }
    elseOf = isElse ? condition : null;
    char c = tokens.punctuation(0);
    boolean closes = c == ')' || c == ']' || c == '}';
    while ((closes && here().isBare()) || (c == ',' && here().type == Type.ARROW)) {
      open.removeLast();
    }
  }

  /** Automatic semicolons (ECMAScript, "Rules of Automatic Semicolon Insertion"), nearly. */
  private boolean endsByNewline() {
    if (!tokens.newlineBefore() || !operandEnded) {
      return false;
    }
    return switch (tokens.kind(0)) {
      case NAME -> !tokens.is(0, "in") && !tokens.is(0, "instanceof");
      case END, NUMBER, STRING, REGEX -> true;
      case TEMPLATE, TEMPLATE_PART -> false;
      case PUNCTUATION -> tokens.punctuation(0) == '{';
    };
  }

  private void keyword() {
    if (isProperty(0) || here().type == Type.MEMBERS) {
      return;
    }
    if (tokens.is(0, "class")) {
      classAhead = true;
    } else if (tokens.is(0, "else") && elseOf != null) {
      Truth value = elseOf;
      Scope branch = push(Type.STATEMENT);
      branch.becomeBranchOf(value.negated());
      branch.branchOf = null;
      elseOf = null;
    }
  }

  private void punctuation(boolean wasOperand) {
    switch (tokens.punctuation(0)) {
      case '(' -> openGroup(wasOperand);
      case '[' -> push(Type.GROUP);
      case '{' -> openBraces();
      case ')', ']', '}' -> close();
      case ';' -> statementEnded = true;
      case '=' -> {
        if (tokens.is(0, "=>")) {
          boolean called = tokens.is(1, ")") && closedGroup.head == Head.CALLED_FUNCTION;
          here().containsFunction = true;
          push(Type.ARROW).becomeFunction(called);
        }
      }
      default -> {}
    }
  }

  private void openGroup(boolean wasOperand) {
    Head control = controlHead();
    if (control != Head.NONE) {
      push(Type.CONTROL).head = control;
      return;
    }
    boolean atOnce = here().calls;
    boolean calleeIsFunction =
        (tokens.is(1, ")") && closedGroup.containsFunction)
            || (tokens.is(1, "}") && here().containsFunction);
    Scope group = push(Type.GROUP);
    if (functionBack() > 0) {
      group.head = isCalledFunction(atOnce) ? Head.CALLED_FUNCTION : Head.FUNCTION;
    } else if (atOnce && beginsArgument()) {
      group.head = Head.CALLED_FUNCTION;
      group.calls = true;
    } else if (wasOperand) {
      group.head = Head.CALL;
      group.calls = calleeIsFunction;
    } else {
      group.calls = true;
    }
  }

  private Head controlHead() {
    if (tokens.kind(1) != Kind.NAME || isProperty(1) || here().type == Type.MEMBERS) {
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
  private boolean isCalledFunction(boolean atOnce) {
    int back = functionBack() + 1;
    back += tokens.is(back, "async") ? 1 : 0;
    char before = tokens.punctuation(back);
    return ((before == '(' || before == ',') && atOnce)
        || (before != 0 && "!+-~".indexOf(before) >= 0)
        || tokens.is(back, "void")
        || tokens.is(back, "new");
  }

  /** Whether it can hold the parameters of an arrow function that is all of an argument. */
  private boolean beginsArgument() {
    int back = tokens.is(1, "async") ? 2 : 1;
    return tokens.is(back, "(") || tokens.is(back, ",");
  }

  private void openBraces() {
    boolean isMember = here().type == Type.MEMBERS;
    Head head = tokens.is(1, ")") ? closedGroup.head : Head.NONE;
    if (tokens.is(1, "=>")) {
      push(Type.FUNCTION);
    } else if (head == Head.FUNCTION || head == Head.CALLED_FUNCTION || (isMember && isParameters())) {
      push(Type.FUNCTION).becomeFunction(head == Head.CALLED_FUNCTION);
    } else if (classAhead && !tokens.is(1, "(")) {
      classAhead = false;
      push(Type.MEMBERS);
    } else {
      Scope block = push(isBlock() ? Type.BLOCK : Type.MEMBERS);
      block.guarded |= tokens.is(1, "try");
      block.conditional |= tokens.is(1, "catch");
    }
  }

  private boolean isParameters() {
    return tokens.is(1, ")") && closedGroup.type == Type.GROUP;
  }

  private boolean isBlock() {
    if (!here().holdsStatements()) {
      return false;
    }
    char before = tokens.punctuation(1);
    boolean begins = before == ';' || before == '{' || before == '}' || before == ':';
    return begins
        || before == ')'
        || tokens.kind(1) == Kind.END
        || (tokens.kind(1) == Kind.NAME && operandBefore());
  }

  /** Whether a name in front of a brace is no operator: {@code else}, {@code try}, a label. */
  private boolean operandBefore() {
    return tokens.is(1, "else") || tokens.is(1, "do") || !BEFORE_OPERANDS.contains(tokens.text(1));
  }

  private void close() {
    char bracket = tokens.punctuation(0);
    if (isOutermost()) {
      return;
    }
    Scope closed = open.removeLast();
    if (bracket == ')') {
      closedGroup = closed;
      if (closed.type == Type.CONTROL) {
        operandEnded = false;
        openStatement(closed);
      }
    } else if (bracket == '}') {
      statementEnded = closed.type == Type.BLOCK || (closed.type == Type.FUNCTION && here().holdsStatements());
      operandEnded = closed.type != Type.BLOCK;
      here().containsFunction |= closed.type == Type.FUNCTION;
      if (closed.type == Type.TEMPLATE) {
        operandEnded = tokens.continueTemplate() == Kind.TEMPLATE;
        if (!operandEnded) {
          push(Type.TEMPLATE);
        }
      }
    }
  }

  private void openStatement(Scope control) {
    Scope statement = push(Type.STATEMENT);
    switch (control.head) {
      case IF -> statement.becomeBranchOf(condition.evaluate(control.start, tokens.end(0)));
      case CATCH -> statement.conditional = true;
      case NONE, CALL, FUNCTION, CALLED_FUNCTION, OTHER_CONTROL -> {}
    }
  }
}
