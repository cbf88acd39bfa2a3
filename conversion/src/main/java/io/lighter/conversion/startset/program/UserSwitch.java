package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A shell as another user: {@code su - USER -c 'command'}.
 *
 * @param user empty for root
 * @param shell that runs the command
 * @param login whether it is the first of a login
 * @param rest arguments of the shell, {@code -c} and its value among them
 */
record UserSwitch(String user, String shell, boolean login, List<String> rest) {

  /**
   * What arguments say.
   *
   * @return empty if they name a command to be executed without a shell
   */
  static Optional<UserSwitch> of(List<String> arguments) {
    String user = "";
    String shell = "/bin/sh";
    boolean login = false;
    boolean named = false;
    var rest = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
      switch (word) {
        case "-u", "--user" -> {
          return Optional.empty();
        }
        case "-", "-l", "--login" -> login = true;
        case "-s", "--shell" -> {
          shell = next;
          i++;
        }
        case "-c", "--command" -> {
          rest.add("-c");
          rest.add(next);
          i++;
        }
        default -> {
          if (!word.startsWith("-") && !named) {
            user = word;
            named = true;
          } else if (named && !word.equals("--")) {
            rest.add(word);
          }
        }
      }
    }
    return Optional.of(new UserSwitch(user, shell, login, rest));
  }

  void follow(Invocation by, Start start) {
    var command = new ArrayList<String>();
    command.add(shell);
    if (login) {
      command.add("-l");
    }
    command.addAll(rest);
    as(user, start).execute(command, Wrapper.executed(by));
  }

  /** The start as another user, whom the program that makes the change looks up. */
  static Start as(String user, Start start) {
    var reason = Reason.certain("users are looked up there");
    for (String list : List.of("/etc/nsswitch.conf", "/etc/passwd", "/etc/group")) {
      start.reads(list, reason);
    }
    return start.as(user);
  }
}
