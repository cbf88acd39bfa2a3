package io.lighter.conversion.startset.shell;

import java.util.List;
import java.util.Set;

/**
 * Options that a shell is called with.
 *
 * @param command whether its first operand is a script itself
 * @param login whether it is the first shell of a login
 * @param standardInput whether it reads its script there
 * @param operands what follows the options
 */
record ShellOptions(boolean command, boolean login, boolean standardInput, List<String> operands) {

  private static final Set<String> WITH_VALUE = Set.of("--rcfile", "--init-file");

  static ShellOptions of(List<String> arguments) {
    boolean command = false;
    boolean login = false;
    boolean standardInput = false;
    int at = 0;
    while (at < arguments.size()) {
      String argument = arguments.get(at);
      boolean option = argument.length() > 1 && "-+".indexOf(argument.charAt(0)) >= 0;
      if (!option || argument.equals("--")) {
        at += option || argument.equals("-") ? 1 : 0;
        break;
      }
      at++;
      if (argument.startsWith("--")) {
        login |= argument.equals("--login");
        at += WITH_VALUE.contains(argument) ? 1 : 0;
        continue;
      }
      boolean on = argument.charAt(0) == '-';
      command |= on && argument.indexOf('c') > 0;
      login |= on && argument.indexOf('l') > 0;
      standardInput |= on && argument.indexOf('s') > 0;
      at += argument.endsWith("o") || argument.endsWith("O") ? 1 : 0;
    }
    int begin = Math.min(at, arguments.size());
    return new ShellOptions(
        command, login, standardInput, List.copyOf(arguments.subList(begin, arguments.size())));
  }
}
