package io.lighter.conversion.startset.shell;

import java.util.List;

/** What {@code echo} and {@code printf} write. */
final class Printing {

  private Printing() {}

  static String echo(List<String> arguments) {
    int at = 0;
    boolean line = true;
    while (at < arguments.size() && arguments.get(at).matches("-[neE]{1,3}")) {
      line &= !arguments.get(at).contains("n");
      at++;
    }
    String text = String.join(" ", arguments.subList(at, arguments.size()));
    return line ? text + "\n" : text;
  }

  static void printf(List<String> arguments, State state) {
    boolean variable = arguments.size() > 2 && arguments.getFirst().equals("-v");
    List<String> words = variable ? arguments.subList(2, arguments.size()) : arguments;
    if (words.isEmpty()) {
      return;
    }
    String text = formatted(words.getFirst(), words.subList(1, words.size()));
    if (variable) {
      state.variables.set(arguments.get(1), text);
    } else {
      state.output.write(text);
    }
  }

  /** The format is used again as long as it takes arguments and there are some left. */
  private static String formatted(String format, List<String> arguments) {
    var text = new StringBuilder();
    int used = 0;
    do {
      int before = used;
      used = once(format, arguments, used, text);
      if (used == before || text.length() > Output.LONGEST) {
        break;
      }
    } while (used < arguments.size());
    return text.toString();
  }

  private static int once(String format, List<String> arguments, int begin, StringBuilder text) {
    int used = begin;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      char next = i + 1 < format.length() ? format.charAt(i + 1) : '\0';
      if (c == '\\' && next != '\0') {
        i++;
        text.append(next == 'n' ? '\n' : next == 't' ? '\t' : next == '0' ? '\0' : next);
      } else if (c == '%' && next == '%') {
        i++;
        text.append('%');
      } else if (c == '%' && (next == 's' || next == 'd' || next == 'b' || next == 'q')) {
        i++;
        text.append(used < arguments.size() ? arguments.get(used) : "");
        used++;
      } else if (c == '%') {
        text.append(Unknown.TEXT);
        return arguments.size();
      } else {
        text.append(c);
      }
    }
    return used;
  }
}
