package io.lighter.conversion.startset.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the arguments of a program are read that executes a command.
 *
 * @param values options whose value is the next argument, or stands behind a sign of equality
 * @param users those of them whose value is the user that the command runs as
 * @param operands how many arguments stand between the options and the command
 * @param byOperand whether the first of these is the user
 * @param assigns whether {@code NAME=value} may stand in front of the command
 */
record WrapperSyntax(
    Set<String> values, Set<String> users, int operands, boolean byOperand, boolean assigns) {

  /**
   * What arguments say.
   *
   * @param clears whether the command gets no variables but those here
   * @param directory in which it runs; empty for the same
   * @param user empty for the same
   */
  record Reading(
      List<String> command,
      Map<String, String> variables,
      Set<String> unset,
      boolean clears,
      String directory,
      String user) {}

  static WrapperSyntax withValues(String... options) {
    return new WrapperSyntax(Set.of(options), Set.of(), 0, false, false);
  }

  WrapperSyntax users(String... options) {
    return new WrapperSyntax(values, Set.of(options), operands, byOperand, assigns);
  }

  WrapperSyntax operands(int count) {
    return new WrapperSyntax(values, users, count, byOperand, assigns);
  }

  WrapperSyntax userFirst() {
    return new WrapperSyntax(values, users, operands, true, assigns);
  }

  WrapperSyntax assigning() {
    return new WrapperSyntax(values, users, operands, byOperand, true);
  }

  /**
   * Reads arguments.
   *
   * @param env whether they are those of {@code env}, which can clear, split and change directory
   */
  Reading read(List<String> arguments, boolean env) {
    return new Pass(arguments, env).read();
  }

  /** One pass over arguments. */
  private final class Pass {
    private final List<String> words;
    private final boolean env;
    private final Map<String, String> variables = new HashMap<>();
    private final Set<String> unset = new HashSet<>();
    private boolean clears;
    private String directory = "";
    private String user = "";
    private int at;

    Pass(List<String> arguments, boolean env) {
      this.words = new ArrayList<>(arguments);
      this.env = env;
    }

    Reading read() {
      int missing = operands;
      boolean options = true;
      while (at < words.size()) {
        String word = words.get(at);
        if (options && word.equals("--")) {
          options = false;
        } else if (options && env && isSplit(word)) {
          words.addAll(at + 1, split(word));
        } else if (options && word.startsWith("-")) {
          option(word);
        } else if (assigns && word.indexOf('=') > 0) {
          int equals = word.indexOf('=');
          variables.put(word.substring(0, equals), word.substring(equals + 1));
        } else if (missing > 0) {
          user = byOperand && missing == operands ? word : user;
          missing--;
          options = false;
        } else {
          break;
        }
        at++;
      }
      List<String> command = words.subList(Math.min(at, words.size()), words.size());
      return new Reading(List.copyOf(command), variables, unset, clears, directory, user);
    }

    private void option(String word) {
      int equals = word.startsWith("--") ? word.indexOf('=') : -1;
      String name = equals > 0 ? word.substring(0, equals) : word;
      clears |=
          env && (word.equals("-") || word.equals("-i") || word.equals("--ignore-environment"));
      if (!values.contains(name) && !users.contains(name)) {
        return;
      }
      String value = "";
      if (equals > 0) {
        value = word.substring(equals + 1);
      } else if (at + 1 < words.size()) {
        value = words.get(++at);
      }
      if (users.contains(name)) {
        user = value;
      } else if (env && Wrapper.changesOfDirectory().contains(name)) {
        directory = value;
      } else if (env) {
        unset.add(value);
      }
    }

    /** {@code env -S 'a b'}: one argument that holds several, as lines of scripts need it. */
    private static boolean isSplit(String word) {
      return word.startsWith("-S") || word.startsWith("--split-string");
    }

    private List<String> split(String word) {
      String text = word.replaceFirst("^(-S|--split-string=?)", "").strip();
      if (text.isEmpty() && at + 1 < words.size()) {
        text = words.remove(at + 1).strip();
      }
      return text.isEmpty() ? List.of() : List.of(text.split("[ \t]+", -1));
    }
  }
}
