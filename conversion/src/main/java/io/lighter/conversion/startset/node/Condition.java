package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.node.JsTokens.Kind;
import io.lighter.conversion.startset.trace.Truth;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Evaluates the conditions by which packages choose between their builds: the environment, the
 * platform, what a browser has and Node does not, and whether a module is the one that was started.
 * Everything else is unknown. Not thread-safe.
 */
final class Condition {

  /** Longer conditions are none of those, and this bounds the depth of recursion. */
  private static final int MAX_LENGTH = 300;

  private static final String ENVIRONMENT = "process.env.";
  private static final String OTHER = "object";
  private static final Value UNKNOWN = new Value(Type.UNKNOWN, "");
  private static final Value UNDEFINED = new Value(Type.UNDEFINED, "");

  private static final Set<String> MISSING =
      Set.of(
          "window",
          "document",
          "importScripts",
          "WorkerGlobalScope",
          "Deno",
          "Bun",
          "EdgeRuntime",
          "XMLHttpRequest",
          "HTMLElement",
          "chrome",
          "define",
          "define.amd",
          "module.hot",
          "process.type",
          "process.browser",
          "process.__nwjs",
          "process.pkg",
          "process.versions.electron",
          "process.versions.nw",
          "process.versions.pnp",
          "process.versions.bun",
          "process.versions.deno",
          "globalThis.window",
          "globalThis.Deno",
          "globalThis.Bun",
          "globalThis.document",
          "global.window");

  private static final Set<String> FUNCTIONS =
      Set.of("require", "Buffer", "setImmediate", "setTimeout", "URL", "Promise", "Symbol");

  private static final Set<String> OBJECTS =
      Set.of(
          "process",
          "process.env",
          "process.version",
          "process.versions",
          "process.versions.node",
          "exports",
          "module.exports",
          "global",
          "globalThis");

  private enum Type {
    UNKNOWN,
    UNDEFINED,
    STRING,
    BOOLEAN,
    OBJECT
  }

  private record Value(Type type, String text) {

    Truth truth() {
      return switch (type) {
        case UNKNOWN -> Truth.UNKNOWN;
        case UNDEFINED -> Truth.FALSE;
        case STRING -> Truth.of(!text.isEmpty());
        case BOOLEAN -> Truth.of(text.equals("true"));
        case OBJECT -> Truth.TRUE;
      };
    }

    Truth isEqualTo(Value other) {
      boolean unclear = type == Type.OBJECT && text.equals(OTHER);
      if (type == Type.UNKNOWN || other.type == Type.UNKNOWN || (unclear && equals(other))) {
        return Truth.UNKNOWN;
      }
      return Truth.of(equals(other));
    }
  }

  private final byte[] source;
  private final Map<String, String> environment;
  private final boolean isMain;
  private JsTokens tokens;

  /**
   * Conditions of one source.
   *
   * @param isMain whether it is the module that was started
   */
  Condition(byte[] source, Map<String, String> environment, boolean isMain) {
    this.source = source;
    this.environment = environment;
    this.isMain = isMain;
    this.tokens = new JsTokens(source, 0, 0);
  }

  /** What is known of the condition in the brackets at a place of the source. */
  Truth evaluate(int begin, int end) {
    if (end - begin > MAX_LENGTH || end - begin < 2) {
      return Truth.UNKNOWN;
    }
    tokens = new JsTokens(source, begin + 1, end - 1);
    tokens.next(true);
    return either().truth();
  }

  private static Value value(Truth truth) {
    return truth == Truth.UNKNOWN
        ? UNKNOWN
        : new Value(Type.BOOLEAN, truth == Truth.TRUE ? "true" : "false");
  }

  private Value either() {
    Value left = both();
    while (tokens.is(0, "||")) {
      tokens.next(true);
      Value right = both();
      left = left.truth() == Truth.FALSE ? right : value(left.truth().or(right.truth()));
    }
    return left;
  }

  private Value both() {
    Value left = comparison();
    while (tokens.is(0, "&&")) {
      tokens.next(true);
      Value right = comparison();
      left = left.truth() == Truth.TRUE ? right : value(left.truth().and(right.truth()));
    }
    return left;
  }

  private Value comparison() {
    Value left = operand();
    boolean equal = tokens.is(0, "===") || tokens.is(0, "==");
    if (equal || tokens.is(0, "!==") || tokens.is(0, "!=")) {
      tokens.next(true);
      Truth same = left.isEqualTo(operand());
      left = value(equal ? same : same.negated());
    }
    boolean over =
        tokens.kind(0) == Kind.END || tokens.is(0, ")") || tokens.is(0, "&&") || tokens.is(0, "||");
    return over ? left : skip();
  }

  /** Goes to where an expression ends that is not understood. */
  private Value skip() {
    int depth = 0;
    while (tokens.kind(0) != Kind.END) {
      char c = tokens.punctuation(0);
      if (depth == 0 && (c == ')' || tokens.is(0, "&&") || tokens.is(0, "||"))) {
        break;
      }
      depth += c == '(' || c == '[' || c == '{' ? 1 : 0;
      depth -= c == ')' || c == ']' || c == '}' ? 1 : 0;
      tokens.next(false);
    }
    return UNKNOWN;
  }

  private Value operand() {
    if (tokens.is(0, "!")) {
      tokens.next(true);
      return value(operand().truth().negated());
    }
    if (tokens.is(0, "typeof")) {
      tokens.next(true);
      return tokens.kind(0) == Kind.NAME ? typeOf(chain()) : skip();
    }
    if (tokens.is(0, "(")) {
      tokens.next(true);
      Value inner = either();
      tokens.next(false);
      return inner;
    }
    return switch (tokens.kind(0)) {
      case STRING, TEMPLATE -> {
        var text = new Value(Type.STRING, tokens.literal(0));
        tokens.next(false);
        yield text;
      }
      case NAME -> valueOf(chain());
      case END, NUMBER, TEMPLATE_PART, REGEX, PUNCTUATION -> skip();
    };
  }

  /** Names with dots between them. */
  private String chain() {
    var chain = new StringBuilder(tokens.text(0));
    tokens.next(false);
    while (tokens.is(0, ".") || tokens.is(0, "?.") || tokens.is(0, "[")) {
      boolean computed = tokens.is(0, "[");
      tokens.next(true);
      boolean literal = tokens.kind(0) == Kind.STRING;
      chain.append('.').append(literal ? tokens.literal(0) : tokens.text(0));
      if (computed) {
        chain.append(literal ? "" : "?");
        tokens.next(false);
      }
      tokens.next(false);
    }
    return chain.toString();
  }

  private Value typeOf(String chain) {
    if (MISSING.contains(chain)) {
      return new Value(Type.STRING, "undefined");
    }
    if (chain.startsWith(ENVIRONMENT)) {
      Value value = valueOf(chain);
      return value.type == Type.UNKNOWN
          ? UNKNOWN
          : new Value(Type.STRING, value.type == Type.STRING ? "string" : "undefined");
    }
    if (FUNCTIONS.contains(chain)) {
      return new Value(Type.STRING, "function");
    }
    boolean object = OBJECTS.contains(chain) || chain.equals("module");
    return object ? new Value(Type.STRING, "object") : UNKNOWN;
  }

  private Value valueOf(String chain) {
    if (chain.startsWith(ENVIRONMENT) && !chain.endsWith("?")) {
      return Optional.ofNullable(environment.get(chain.substring(ENVIRONMENT.length())))
          .map(text -> new Value(Type.STRING, text))
          .orElse(UNDEFINED);
    }
    if (MISSING.contains(chain)) {
      return UNDEFINED;
    }
    if (OBJECTS.contains(chain) || FUNCTIONS.contains(chain)) {
      return new Value(Type.OBJECT, OTHER);
    }
    return switch (chain) {
      case "true", "false" -> new Value(Type.BOOLEAN, chain);
      case "undefined", "null" -> UNDEFINED;
      case "process.platform" -> new Value(Type.STRING, "linux");
      case "require.main", "process.mainModule" -> new Value(Type.OBJECT, "main");
      case "module" -> new Value(Type.OBJECT, isMain ? "main" : "another module");
      case "module.parent" -> isMain ? UNDEFINED : new Value(Type.OBJECT, OTHER);
      case "import.meta.main" -> value(Truth.of(isMain));
      default -> UNKNOWN;
    };
  }
}
