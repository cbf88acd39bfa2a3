package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.node.JsTokens.Kind;
import io.lighter.conversion.startset.node.ModuleRequest.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds what a JavaScript source loads, as far as it names that by literals, in one pass and
 * without a syntax tree. Sources with errors give what can be made out. Not thread-safe.
 */
final class ImportScanner {

  /** A source that names more is no source that people wrote. */
  private static final int MAX_REQUESTS = 20_000;

  /** Longer ones are no names of files. */
  private static final int MAX_SPECIFIER = 1024;

  private final JsTokens tokens;
  private final Scopes scopes;
  private final List<ModuleRequest> requests = new ArrayList<>();
  private String requireAlias = "require";
  private boolean lists;
  private boolean loadsByVariable;

  private ImportScanner(byte[] source, Map<String, String> environment, boolean isMain) {
    this.tokens = new JsTokens(source, 0, source.length);
    this.scopes = new Scopes(tokens, new Condition(source, environment, isMain));
  }

  /**
   * Scans a source.
   *
   * @param environment decides branches
   * @param isMain whether it is the module that was started
   */
  static List<ModuleRequest> scan(byte[] source, Map<String, String> environment, boolean isMain) {
    return new ImportScanner(source, environment, isMain).scan();
  }

  private List<ModuleRequest> scan() {
    while (tokens.next(scopes.operandExpected()) != Kind.END
        && requests.size() < MAX_REQUESTS
        && scopes.take()) {
      if (!scopes.here().dead) {
        look();
      }
    }
    if (lists && loadsByVariable) {
      requests.add(new ModuleRequest(".", ModuleRequest.Kind.DIRECTORY, Place.CONDITIONAL, true));
    }
    return requests;
  }

  private void look() {
    switch (tokens.kind(0)) {
      case STRING, TEMPLATE -> literal();
      case PUNCTUATION -> {
        char c = tokens.punctuation(0);
        if (c == ')' || c == ',') {
          argumentEnded(c == ')');
        }
      }
      case NAME -> name();
      case END, NUMBER, TEMPLATE_PART, REGEX -> {}
    }
  }

  private void literal() {
    boolean from =
        tokens.is(1, "from")
            && (tokens.is(2, "}") || tokens.is(2, "*") || tokens.kind(2) == Kind.NAME);
    if (scopes.isOutermost() && (from || (tokens.is(1, "import") && !tokens.is(2, ".")))) {
      add(ModuleRequest.Kind.IMPORT, 0);
    } else if (tokens.is(1, "+") && tokens.is(2, "__dirname")) {
      requests.add(request(ModuleRequest.Kind.FILE, "." + tokens.literal(0)));
    }
  }

  private void name() {
    if (tokens.is(0, "createRequire") && tokens.is(1, "=") && tokens.kind(2) == Kind.NAME) {
      requireAlias = tokens.text(2);
    } else if (tokens.is(0, "readdirSync") || tokens.is(0, "readdir")) {
      lists = true;
    } else if (tokens.is(1, "(") && isRequire(2)) {
      loadsByVariable = true;
    } else if (tokens.is(0, "url") && tokens.is(2, "meta") && tokens.is(5, ",") && isUrl()) {
      add(ModuleRequest.Kind.FILE, 6);
    }
  }

  private boolean isUrl() {
    return isLiteral(6) && tokens.is(7, "(") && tokens.is(8, "URL");
  }

  private boolean isLiteral(int back) {
    return tokens.kind(back) == Kind.STRING || tokens.kind(back) == Kind.TEMPLATE;
  }

  private void argumentEnded(boolean last) {
    if (isLiteral(1) && tokens.is(2, "(")) {
      if (tokens.is(3, "import")) {
        add(ModuleRequest.Kind.IMPORT, 1);
      } else if (isRequire(3)) {
        add(ModuleRequest.Kind.REQUIRE, 1);
      } else if (tokens.is(3, "resolve") && tokens.is(4, ".") && isRequire(5)) {
        add(ModuleRequest.Kind.RESOLVE, 1);
      }
    }
    if (last && isLiteral(1) && tokens.is(2, ",")) {
      joined();
    }
  }

  /** {@code require}, also under names that bundlers and {@code createRequire} give it. */
  private boolean isRequire(int back) {
    if (tokens.kind(back) != Kind.NAME || tokens.is(back + 1, "function")) {
      return false;
    }
    String name = tokens.text(back);
    boolean named =
        (name.endsWith("equire") && !name.equals("createRequire")) || name.equals(requireAlias);
    boolean property = tokens.is(back + 1, ".") || tokens.is(back + 1, "?.");
    return named && (!property || tokens.is(back + 2, "module"));
  }

  /** {@code join(__dirname, "a", "b")}, of which the present token is the last bracket. */
  private void joined() {
    int back = 1;
    while (back < 12 && isLiteral(back) && tokens.is(back + 1, ",")) {
      back += 2;
    }
    boolean own =
        tokens.is(back, "__dirname") || (tokens.is(back, "dirname") && tokens.is(back + 1, "."));
    if (!own) {
      return;
    }
    var path = new StringBuilder(".");
    for (int part = back - 2; part >= 1; part -= 2) {
      path.append('/').append(tokens.literal(part));
    }
    requests.add(request(ModuleRequest.Kind.FILE, path.toString()));
  }

  private void add(ModuleRequest.Kind kind, int back) {
    if (tokens.end(back) - tokens.start(back) <= MAX_SPECIFIER) {
      requests.add(request(kind, tokens.literal(back)));
    }
  }

  private ModuleRequest request(ModuleRequest.Kind kind, String specifier) {
    Scope here = scopes.here();
    return new ModuleRequest(specifier, kind, place(here), here.guarded || here.afterFailure);
  }

  private static Place place(Scope here) {
    if (here.functions > 0) {
      return Place.FUNCTION;
    }
    if (here.afterFailure) {
      return Place.AFTER_FAILURE;
    }
    return here.conditional ? Place.CONDITIONAL : Place.TOP;
  }
}
