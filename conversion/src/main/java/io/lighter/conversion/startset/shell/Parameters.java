package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Set;

/** Values of parameters: variables, and what a shell knows without being told. */
final class Parameters {

  private static final Set<String> UNKNOWABLE =
      Set.of(
          "HOSTNAME",
          "RANDOM",
          "SRANDOM",
          "SECONDS",
          "EPOCHSECONDS",
          "EPOCHREALTIME",
          "PPID",
          "LINENO",
          "BASHPID",
          "OPTARG",
          "OPTIND",
          "REPLY",
          "PIPESTATUS",
          "COLUMNS",
          "LINES",
          "BASH_REMATCH",
          "FUNCNAME",
          "_");

  private final Start start;
  private final String script;
  private final boolean bash;

  /**
   * What a parameter stands for.
   *
   * @param isSet whether it has a value
   * @param words one, or those of a list
   * @param list whether it is one of the lists that stay several words between quotes
   */
  record Value(boolean isSet, List<String> words, boolean list) {

    static Value of(String text) {
      return new Value(true, List.of(text), false);
    }

    String text() {
      return String.join(" ", words);
    }

    boolean isUnknown() {
      return isSet && text().equals(Unknown.TEXT);
    }
  }

  Parameters(Start start, String script, boolean bash) {
    this.start = start;
    this.script = script;
    this.bash = bash;
  }

  Value value(Word.Parameter parameter, State state) {
    String subscript = parameter.subscript();
    if (subscript.isEmpty()) {
      return named(parameter.name(), state);
    }
    List<String> values = state.variables.values(parameter.name());
    if (parameter.name().equals("BASH_SOURCE")) {
      return Value.of(state.source);
    }
    if (subscript.equals("@") || subscript.equals("*")) {
      return new Value(!values.isEmpty(), values, subscript.equals("@"));
    }
    if (values.isEmpty()) {
      return new Value(false, List.of(), false);
    }
    boolean number =
        subscript.length() <= 4 && subscript.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!number || values.contains(Unknown.TEXT)) {
      return Value.of(Unknown.TEXT);
    }
    int index = Integer.parseInt(subscript);
    return index < values.size() ? Value.of(values.get(index)) : new Value(false, List.of(), false);
  }

  Value named(String name, State state) {
    List<String> positional = state.positional;
    char first = name.charAt(0);
    if (first >= '0' && first <= '9') {
      return positional(name, positional);
    }
    return switch (name) {
      case "@" -> new Value(!positional.isEmpty(), positional, true);
      case "*" -> new Value(!positional.isEmpty(), positional, false);
      case "#" ->
          Value.of(
              positional.contains(Unknown.TEXT) ? Unknown.TEXT : String.valueOf(positional.size()));
      case "?" ->
          Value.of(
              switch (state.status) {
                case TRUE -> "0";
                case FALSE -> "1";
                case UNKNOWN -> Unknown.TEXT;
              });
      case "$", "!" -> Value.of(Unknown.TEXT);
      case "-" -> Value.of("");
      default -> state.variables.value(name).map(Value::of).orElseGet(() -> unset(name, state));
    };
  }

  private Value positional(String name, List<String> positional) {
    int index = name.length() > 4 ? Integer.MAX_VALUE : Integer.parseInt(name);
    if (index == 0) {
      return Value.of(script);
    }
    int unknown = positional.indexOf(Unknown.TEXT);
    if (unknown >= 0 && unknown < index) {
      return Value.of(Unknown.TEXT);
    }
    return index <= positional.size()
        ? Value.of(positional.get(index - 1))
        : new Value(false, List.of(), false);
  }

  /** What the shell or the container's runtime sets. */
  private Value unset(String name, State state) {
    if (UNKNOWABLE.contains(name)) {
      return Value.of(Unknown.TEXT);
    }
    return switch (name) {
      case "PWD" -> Value.of(state.directory);
      case "HOME" -> Value.of(new Users(start).home());
      case "IFS" -> Value.of(" \t\n");
      case "UID", "EUID" -> bash ? Value.of(new Users(start).number()) : none();
      case "BASH" -> bash ? Value.of("/bin/bash") : none();
      case "BASH_VERSION" -> bash ? Value.of("5.2.15(1)-release") : none();
      case "BASH_VERSINFO" -> bash ? Value.of("5") : none();
      case "BASH_SOURCE" -> bash ? Value.of(state.source) : none();
      case "OSTYPE" -> bash ? Value.of("linux-gnu") : none();
      default -> none();
    };
  }

  private static Value none() {
    return new Value(false, List.of(), false);
  }
}
