package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Word.Parameter;

/** Reads what stands between a dollar with a brace and the closing brace. */
final class ParameterReader {

  private final Source source;
  private final boolean quoted;

  ParameterReader(Source source, boolean quoted) {
    this.source = source;
    this.quoted = quoted;
  }

  /** A parameter without anything to it. */
  static Parameter plain(String name, boolean quoted) {
    return new Parameter(name, "", "", "", Word.EMPTY, Word.EMPTY, quoted);
  }

  /**
   * Reads it with its closing brace.
   *
   * @param outer goes on behind it
   */
  Parameter read(Source outer) throws ShellSyntaxException {
    String prefix = prefix();
    String name = name();
    String subscript = source.skip("[") ? source.balanced('[', "]") : "";
    String operator = operator();
    boolean two = operator.equals(":") || operator.startsWith("/");
    Word argument = operator.isEmpty() ? Word.EMPTY : argument(two ? ends(operator) : "}");
    Word second =
        two && !source.startsWith("}") && source.skip(operator.equals(":") ? ":" : "/")
            ? argument("}")
            : Word.EMPTY;
    if (!source.skip("}")) {
      throw new ShellSyntaxException("} is missing behind " + name);
    }
    outer.position = source.position;
    return new Parameter(name, subscript, prefix, operator, argument, second, quoted);
  }

  private static String ends(String operator) {
    return operator.equals(":") ? ":}" : "/}";
  }

  /** Patterns keep their meaning between double quotes, defaults are quoted as a whole there. */
  private Word argument(String ends) throws ShellSyntaxException {
    return WordReader.until(source, ends, quoted && ends.equals("}"));
  }

  private String prefix() {
    boolean length = source.peek() == '#' && source.peek(1) != '}' && isName(source.peek(1));
    boolean indirect = source.peek() == '!' && isName(source.peek(1));
    source.position += length || indirect ? 1 : 0;
    return length ? "#" : indirect ? "!" : "";
  }

  private static boolean isName(char c) {
    return Source.isName(c, false) || c == '@' || c == '*';
  }

  private String name() throws ShellSyntaxException {
    String name = source.name();
    if (!name.isEmpty()) {
      return name;
    }
    int begin = source.position;
    while (source.peek() >= '0' && source.peek() <= '9') {
      source.position++;
    }
    if (source.position == begin && "@*#?-$!".indexOf(source.next()) < 0) {
      throw new ShellSyntaxException("${ has no name");
    }
    return source.text.substring(begin, source.position);
  }

  private String operator() throws ShellSyntaxException {
    if (source.peek() == '}') {
      return "";
    }
    for (String operator :
        new String[] {
          ":-", ":=", ":?", ":+", "-", "=", "?", "+", "##", "#", "%%", "%", "//", "/", "^^", "^",
          ",,", ",", "@", "*", ":"
        }) {
      if (source.skip(operator)) {
        return operator;
      }
    }
    throw new ShellSyntaxException("${ has an unknown operator");
  }
}
