package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.node.JsTokens.Kind;
import io.lighter.conversion.startset.node.Scope.Head;
import io.lighter.conversion.startset.trace.Truth;
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
  private final BracketHeads heads;
  private final Condition condition;
  private final List<Scope> open = new ArrayList<>();

  /** The round brackets that were closed last. */
  private Scope closedGroup = new Scope(Scope.Type.GROUP, 0, null);

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
    this.heads = new BracketHeads(tokens);
    this.condition = condition;
    open.add(new Scope(Scope.Type.SOURCE, 0, null));
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

  private Scope push(Scope.Type type) {
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
      case TEMPLATE_PART -> push(Scope.Type.TEMPLATE);
      case NAME -> keyword();
      case END, NUMBER, STRING, TEMPLATE, REGEX -> {}
    }
    return open.size() < MAX_DEPTH;
  }

  private boolean endsOperand() {
    return switch (tokens.kind(0)) {
      case END, TEMPLATE_PART -> false;
      case NUMBER, STRING, TEMPLATE, REGEX -> true;
      case NAME -> heads.isProperty(0) || !BEFORE_OPERANDS.contains(tokens.text(0));
      case PUNCTUATION -> {
        char c = tokens.punctuation(0);
        yield c == ')' || c == ']' || c == '}' || tokens.is(0, "++") || tokens.is(0, "--");
      }
    };
  }

  /** Ends the branches and bodies that end in front of the present token. */
  private void endBareScopes() {
    boolean ended = statementEnded || endsByNewline();
    Truth condition = elseOf;
    boolean isElse = tokens.is(0, "else") && !heads.isProperty(0);
    while (ended && here().isBare() && !(isElse && condition != null)) {
      condition = open.removeLast().branchOf;
    }
    elseOf = isElse ? condition : null;
    char c = tokens.punctuation(0);
    boolean closes = c == ')' || c == ']' || c == '}';
    while ((closes && here().isBare()) || (c == ',' && here().type == Scope.Type.ARROW)) {
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
    if (heads.isProperty(0) || here().type == Scope.Type.MEMBERS) {
      return;
    }
    if (tokens.is(0, "class")) {
      classAhead = true;
    } else if (tokens.is(0, "else") && elseOf != null) {
      Truth value = elseOf;
      Scope branch = push(Scope.Type.STATEMENT);
      branch.becomeBranchOf(value.negated());
      branch.branchOf = null;
      elseOf = null;
    }
  }

  private void punctuation(boolean wasOperand) {
    switch (tokens.punctuation(0)) {
      case '(' -> openGroup(wasOperand);
      case '[' -> push(Scope.Type.GROUP);
      case '{' -> openBraces();
      case ')', ']', '}' -> close();
      case ';' -> statementEnded = true;
      case '=' -> {
        if (tokens.is(0, "=>")) {
          boolean called = tokens.is(1, ")") && closedGroup.head == Head.CALLED_FUNCTION;
          here().containsFunction = true;
          push(Scope.Type.ARROW).becomeFunction(called);
        }
      }
      default -> {}
    }
  }

  private void openGroup(boolean wasOperand) {
    Head control = heads.control(here());
    if (control != Head.NONE) {
      push(Scope.Type.CONTROL).head = control;
      return;
    }
    boolean atOnce = here().calls;
    boolean calleeIsFunction =
        (tokens.is(1, ")") && closedGroup.containsFunction)
            || (tokens.is(1, "}") && here().containsFunction);
    Scope group = push(Scope.Type.GROUP);
    if (heads.isFunction()) {
      group.head = heads.isCalledFunction(atOnce) ? Head.CALLED_FUNCTION : Head.FUNCTION;
    } else if (atOnce && heads.beginsArgument()) {
      group.head = Head.CALLED_FUNCTION;
      group.calls = true;
    } else if (wasOperand) {
      group.head = Head.CALL;
      group.calls = calleeIsFunction;
    } else {
      group.calls = true;
    }
  }

  private void openBraces() {
    boolean isMember = here().type == Scope.Type.MEMBERS;
    Head head = tokens.is(1, ")") ? closedGroup.head : Head.NONE;
    if (tokens.is(1, "=>")) {
      push(Scope.Type.FUNCTION);
    } else if (head == Head.FUNCTION
        || head == Head.CALLED_FUNCTION
        || (isMember && isParameters())) {
      push(Scope.Type.FUNCTION).becomeFunction(head == Head.CALLED_FUNCTION);
    } else if (classAhead && !tokens.is(1, "(")) {
      classAhead = false;
      push(Scope.Type.MEMBERS);
    } else {
      Scope block = push(isBlock() ? Scope.Type.BLOCK : Scope.Type.MEMBERS);
      block.guarded |= tokens.is(1, "try");
      block.afterFailure |= tokens.is(1, "catch");
    }
  }

  private boolean isParameters() {
    return tokens.is(1, ")") && closedGroup.type == Scope.Type.GROUP;
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
      if (closed.type == Scope.Type.CONTROL) {
        operandEnded = false;
        openStatement(closed);
      }
    } else if (bracket == '}') {
      statementEnded =
          closed.type == Scope.Type.BLOCK
              || (closed.type == Scope.Type.FUNCTION && here().holdsStatements());
      operandEnded = closed.type != Scope.Type.BLOCK;
      here().containsFunction |= closed.type == Scope.Type.FUNCTION;
      if (closed.type == Scope.Type.TEMPLATE) {
        operandEnded = tokens.continueTemplate() == Kind.TEMPLATE;
        if (!operandEnded) {
          push(Scope.Type.TEMPLATE);
        }
      }
    }
  }

  private void openStatement(Scope control) {
    Scope statement = push(Scope.Type.STATEMENT);
    switch (control.head) {
      case IF -> statement.becomeBranchOf(condition.evaluate(control.start, tokens.end(0)));
      case CATCH -> statement.afterFailure = true;
      case NONE, CALL, FUNCTION, CALLED_FUNCTION, OTHER_CONTROL -> {}
    }
  }
}
