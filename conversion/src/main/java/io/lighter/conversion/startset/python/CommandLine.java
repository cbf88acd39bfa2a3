package io.lighter.conversion.startset.python;

import java.util.List;
import java.util.Map;

/**
 * What Python's own options say (Using Python, "Command line and environment").
 *
 * @param target what is run
 * @param operand the script's path, the text of {@code -c} or the module of {@code -m}
 * @param rest arguments of the program
 * @param environment the variables that Python heeds
 * @param site whether {@code site} is imported
 * @param userSite whether the user's own packages are used
 * @param safePath whether the place of the program is left out of the path
 * @param optimization 0 to 2
 * @param pycachePrefix where compiled files are; empty for beside their sources
 * @param frozenModules whether modules that are built in frozen are not read
 */
record CommandLine(
    Target target,
    String operand,
    List<String> rest,
    Map<String, String> environment,
    boolean site,
    boolean userSite,
    boolean safePath,
    int optimization,
    String pycachePrefix,
    boolean frozenModules) {

  /** What Python is told to run. */
  enum Target {
    SCRIPT,
    COMMAND,
    MODULE,
    /** Standard input, of which nothing is known. */
    INPUT
  }

  /** Reads the arguments as CPython does: short options may be joined. */
  static CommandLine of(List<String> arguments, Map<String, String> environment) {
    return new Parser(arguments, environment).parse();
  }

  /** What has been read so far. */
  private static final class Parser {

    private final List<String> arguments;
    private final Map<String, String> environment;
    private int at;
    private boolean ignoreEnvironment;
    private boolean site = true;
    private boolean userSite = true;
    private boolean safePath;
    private int optimization;
    private String pycachePrefix = "";
    private boolean frozenModules = true;

    Parser(List<String> arguments, Map<String, String> environment) {
      this.arguments = arguments;
      this.environment = environment;
    }

    CommandLine parse() {
      while (at < arguments.size()) {
        String argument = arguments.get(at);
        if (argument.equals("--")) {
          at++;
          break;
        }
        if (argument.equals("-") || !argument.startsWith("-")) {
          break;
        }
        at++;
        if (argument.startsWith("--")) {
          at += argument.equals("--check-hash-based-pycs") ? 1 : 0;
          continue;
        }
        Target target = letters(argument);
        if (target != Target.INPUT) {
          return result(target);
        }
      }
      boolean script = at < arguments.size() && !arguments.get(at).equals("-");
      if (script) {
        operand = arguments.get(at);
      }
      at = Math.min(arguments.size(), at + 1);
      return result(script ? Target.SCRIPT : Target.INPUT);
    }

    private String operand = "";

    /** One argument of options; a target if it names one. */
    private Target letters(String argument) {
      for (int i = 1; i < argument.length(); i++) {
        switch (argument.charAt(i)) {
          case 'I' -> {
            ignoreEnvironment = true;
            userSite = false;
            safePath = true;
          }
          case 'E' -> ignoreEnvironment = true;
          case 's' -> userSite = false;
          case 'S' -> site = false;
          case 'P' -> safePath = true;
          case 'O' -> optimization++;
          case 'c' -> {
            operand = value(argument, i);
            return Target.COMMAND;
          }
          case 'm' -> {
            operand = value(argument, i);
            return Target.MODULE;
          }
          case 'X' -> {
            implementationOption(value(argument, i));
            return Target.INPUT;
          }
          case 'W', 'Q' -> {
            value(argument, i);
            return Target.INPUT;
          }
          default -> {
            // Options that change nothing of what is read.
          }
        }
      }
      return Target.INPUT;
    }

    private String value(String argument, int letter) {
      if (letter + 1 < argument.length()) {
        return argument.substring(letter + 1);
      }
      return at < arguments.size() ? arguments.get(at++) : "";
    }

    private void implementationOption(String option) {
      if (option.startsWith("pycache_prefix=")) {
        pycachePrefix = option.substring(option.indexOf('=') + 1);
      } else if (option.equals("frozen_modules=off")) {
        frozenModules = false;
      }
    }

    private CommandLine result(Target target) {
      Map<String, String> heeded = ignoreEnvironment ? Map.of() : environment;
      String prefix = heeded.getOrDefault("PYTHONPYCACHEPREFIX", "");
      return new CommandLine(
          target,
          operand,
          List.copyOf(arguments.subList(at, arguments.size())),
          heeded,
          site,
          userSite && heeded.getOrDefault("PYTHONNOUSERSITE", "").isEmpty(),
          safePath || !heeded.getOrDefault("PYTHONSAFEPATH", "").isEmpty(),
          Math.min(2, Math.max(optimization, level(heeded.getOrDefault("PYTHONOPTIMIZE", "")))),
          pycachePrefix.isEmpty() ? prefix : pycachePrefix,
          frozenModules);
    }

    private static int level(String value) {
      return value.isEmpty() || value.equals("0") ? 0 : value.equals("2") ? 2 : 1;
    }
  }
}
