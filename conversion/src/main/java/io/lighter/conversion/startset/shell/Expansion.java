package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Word.Part;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;

/** Makes the words of a command of the words of a script (POSIX.1-2024, section 2.6). */
final class Expansion {

  private final Interpreter interpreter;
  private final Start start;
  private final Parameters parameters;
  private final ParameterExpansion operators;

  Expansion(Interpreter interpreter, Start start, Parameters parameters) {
    this.interpreter = interpreter;
    this.start = start;
    this.parameters = parameters;
    this.operators = new ParameterExpansion(this, parameters);
  }

  Parameters parameters() {
    return parameters;
  }

  /** The words that some words become, divided and with paths for patterns. */
  List<String> words(List<Word> words, State state) {
    var all = new ArrayList<String>();
    for (Word word : words) {
      start.checkpoint();
      var fields = new Fields(parameters.named("IFS", state).text());
      expand(word, state, fields, true);
      for (Fields.Field field : fields.finish()) {
        if (field.globs() && !Unknown.in(field.text())) {
          List<String> paths = PathGlob.paths(start.in(state.directory), field.pattern());
          all.addAll(paths.isEmpty() ? List.of(field.text()) : paths);
        } else {
          all.add(field.text());
        }
      }
    }
    return all;
  }

  /** The one text that a word becomes where nothing is divided. */
  String text(Word word, State state) {
    var texts = new ArrayList<String>();
    fields(word, state).forEach(field -> texts.add(field.text()));
    return String.join(" ", texts);
  }

  /** The same as a pattern: what was quoted has no other meaning. */
  String pattern(Word word, State state) {
    var texts = new ArrayList<String>();
    fields(word, state).forEach(field -> texts.add(field.pattern()));
    return String.join(" ", texts);
  }

  private List<Fields.Field> fields(Word word, State state) {
    var fields = new Fields("");
    expand(word, state, fields, false);
    return fields.finish();
  }

  /**
   * Adds what a word becomes to fields.
   *
   * @param divide whether what is not quoted is divided
   */
  void expand(Word word, State state, Fields fields, boolean divide) {
    boolean first = true;
    for (Part part : word.parts()) {
      switch (part) {
        case Word.Text(String text, boolean quoted) when quoted -> fields.quoted(text);
        case Word.Text(String text, _) -> fields.literal(first ? atHome(text, state) : text);
        case Word.Parameter parameter -> operators.expand(parameter, state, fields, divide);
        case Word.Substitution(Command command, boolean quoted) ->
            put(interpreter.substitute(command, state), quoted, fields, divide);
        case Word.Arithmetic(Word expression, boolean quoted) ->
            put(calculated(expression, state), quoted, fields, divide);
        case Word.Pipe(Command command, _) -> {
          interpreter.substitute(command, state);
          fields.quoted(Unknown.TEXT);
        }
        case Word.Elements elements -> fields.quoted(elements.name());
      }
      first = false;
    }
  }

  String calculated(Word expression, State state) {
    return new Arithmetic(text(expression, state), name -> parameters.named(name, state).text())
        .value()
        .map(String::valueOf)
        .orElse(Unknown.TEXT);
  }

  static void put(String text, boolean quoted, Fields fields, boolean divide) {
    if (quoted) {
      fields.quoted(text);
    } else if (divide) {
      fields.divided(text);
    } else {
      fields.literal(text);
    }
  }

  private String atHome(String text, State state) {
    boolean home = text.equals("~") || text.startsWith("~/");
    return home ? parameters.named("HOME", state).text() + text.substring(1) : text;
  }
}
