package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Parameters.Value;
import io.lighter.conversion.startset.shell.Word.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Puts in values for parameters, with what their operators make of them (section 2.6.2). */
final class ParameterExpansion {

  private final Expansion expansion;
  private final Parameters parameters;

  ParameterExpansion(Expansion expansion, Parameters parameters) {
    this.expansion = expansion;
    this.parameters = parameters;
  }

  void expand(Parameter parameter, State state, Fields fields, boolean divide) {
    Value value = indirect(parameter, parameters.value(parameter, state), state);
    if (parameter.prefix().equals("#")) {
      put(Value.of(length(value)), parameter, fields, divide);
      return;
    }
    String operator = parameter.operator();
    String bare = operator.startsWith(":") ? operator.substring(1) : operator;
    if (bare.length() == 1 && "-=?+".contains(bare)) {
      conditional(parameter, value, bare, state, fields, divide);
      return;
    }
    Value made =
        operator.equals(":") ? slice(parameter, value, state) : changed(parameter, value, state);
    put(made, parameter, fields, divide);
  }

  private Value indirect(Parameter parameter, Value value, State state) {
    if (!parameter.prefix().equals("!")) {
      return value;
    }
    String name = value.text();
    boolean known = value.isSet() && parameter.subscript().isEmpty() && !Unknown.in(name);
    boolean named = !name.isEmpty() && name.chars().allMatch(c -> Source.isName((char) c, false));
    return known && named ? parameters.named(name, state) : Value.of(Unknown.TEXT);
  }

  private static String length(Value value) {
    if (Unknown.in(value.text())) {
      return Unknown.TEXT;
    }
    return String.valueOf(value.list() ? value.words().size() : value.text().length());
  }

  /** Defaults and alternatives. */
  private void conditional(
      Parameter parameter,
      Value value,
      String operator,
      State state,
      Fields fields,
      boolean divide) {
    if (value.isUnknown() && !value.list()) {
      put(value, parameter, fields, divide);
      return;
    }
    boolean colon = parameter.operator().startsWith(":");
    boolean missing = !value.isSet() || (colon && value.text().isEmpty());
    switch (operator) {
      case "+" -> {
        if (!missing) {
          argument(parameter, state, fields, divide);
        } else if (parameter.quoted()) {
          fields.quoted("");
        }
      }
      case "?" -> put(missing ? Value.of(Unknown.TEXT) : value, parameter, fields, divide);
      default -> {
        if (!missing) {
          put(value, parameter, fields, divide);
        } else if (operator.equals("=")) {
          String assigned = expansion.text(parameter.argument(), state);
          state.variables.set(parameter.name(), assigned);
          put(Value.of(assigned), parameter, fields, divide);
        } else {
          argument(parameter, state, fields, divide);
        }
      }
    }
  }

  private void argument(Parameter parameter, State state, Fields fields, boolean divide) {
    if (parameter.quoted() && parameter.argument().parts().isEmpty()) {
      fields.quoted("");
    }
    expansion.expand(parameter.argument(), state, fields, divide);
  }

  private Value slice(Parameter parameter, Value value, State state) {
    String from = expansion.calculated(parameter.argument(), state);
    String count =
        parameter.second().parts().isEmpty()
            ? String.valueOf(Integer.MAX_VALUE)
            : expansion.calculated(parameter.second(), state);
    if ((Unknown.in(value.text()) && !value.list()) || Unknown.in(from) || Unknown.in(count)) {
      return Value.of(Unknown.TEXT);
    }
    List<String> words = value.words();
    boolean positional = value.list() && parameter.name().equals("@");
    int size = value.list() ? words.size() + (positional ? 1 : 0) : value.text().length();
    int begin = bounded(Long.parseLong(from), size);
    long length = Long.parseLong(count);
    int end = length < 0 ? bounded(length, size) : (int) Math.min(size, begin + length);
    if (end <= begin) {
      return new Value(!value.list(), value.list() ? List.of() : List.of(""), value.list());
    }
    if (!value.list()) {
      return Value.of(value.text().substring(begin, end));
    }
    int shift = positional ? 1 : 0;
    return new Value(true, words.subList(Math.max(0, begin - shift), end - shift), true);
  }

  private static int bounded(long index, int size) {
    return (int) Math.clamp(index < 0 ? size + index : index, 0L, size);
  }

  private Value changed(Parameter parameter, Value value, State state) {
    String operator = parameter.operator();
    if (operator.isEmpty() || !value.isSet()) {
      return value;
    }
    if (parameter.prefix().equals("!") && (operator.equals("@") || operator.equals("*"))) {
      return Value.of(Unknown.TEXT);
    }
    String pattern = expansion.pattern(parameter.argument(), state);
    UnaryOperator<String> change =
        switch (operator) {
          case "#" -> text -> Patterns.cut(text, pattern, false, false);
          case "##" -> text -> Patterns.cut(text, pattern, false, true);
          case "%" -> text -> Patterns.cut(text, pattern, true, false);
          case "%%" -> text -> Patterns.cut(text, pattern, true, true);
          case "/", "//" -> {
            String by = expansion.text(parameter.second(), state);
            yield text -> Patterns.replace(text, pattern, by, operator.equals("//"));
          }
          case "^^" -> text -> text.toUpperCase(Locale.ROOT);
          case ",," -> text -> text.toLowerCase(Locale.ROOT);
          case "@" -> UnaryOperator.identity();
          default -> _ -> Unknown.TEXT;
        };
    var words = new ArrayList<String>();
    value.words().forEach(word -> words.add(change.apply(word)));
    return new Value(true, words, value.list());
  }

  private static void put(Value value, Parameter parameter, Fields fields, boolean divide) {
    boolean several = value.list() || (!parameter.quoted() && value.words().size() > 1);
    if (!several) {
      Expansion.put(value.text(), parameter.quoted(), fields, divide);
      return;
    }
    boolean first = true;
    for (String word : value.words()) {
      if (!first) {
        fields.next();
      }
      Expansion.put(word, parameter.quoted(), fields, divide);
      first = false;
    }
  }
}
