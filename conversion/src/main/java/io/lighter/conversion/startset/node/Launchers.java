package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Scripts that start other programs by their arguments: package managers, and what sets variables.
 */
final class Launchers {

  /** Commands of npm that run the script of the same name. */
  private static final Set<String> NPM_SCRIPTS = Set.of("start", "test", "stop", "restart");

  private static final Set<String> RUN = Set.of("run", "run-script", "rum", "urn");

  private static final Set<String> EXECUTE = Set.of("exec", "x", "dlx");

  /** Packages whose commands end with another program's command line. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "cross-env",
          "cross-env-shell",
          "dotenv-cli",
          "env-cmd",
          "nodemon",
          "pm2",
          "forever",
          "ts-node",
          "tsx",
          "c8",
          "nyc",
          "node-dev",
          "wait-on",
          "with-env");

  /** Modules of npm that it loads by names that it makes up, or in functions. */
  private static final List<String> NPM_MODULES =
      List.of("lib/cli.js", "lib/cli/entry.js", "lib/npm.js");

  private final Start start;
  private final Packages packages;
  private final PackageScripts scripts;
  private final ModuleGraph graph;

  Launchers(Start start, Packages packages, ModuleGraph graph) {
    this.start = start;
    this.packages = packages;
    this.scripts = new PackageScripts(start, packages);
    this.graph = graph;
  }

  /**
   * Follows what a script starts, if it is one of those.
   *
   * @param script links followed
   * @param arguments of the script
   * @param directory where it is started
   */
  void follow(ImageFile script, List<String> arguments, ImageFile directory) {
    switch (script.name()) {
      case "npm-cli.js" -> packageManager(script, arguments, directory, true);
      case "npx-cli.js" -> {
        npm(script, "exec");
        scripts.execute(directory, withoutOptions(arguments));
      }
      case "yarn.js", "yarn.cjs", "pnpm.cjs", "pnpm.mjs", "pnpm.js" ->
          packageManager(script, arguments, directory, false);
      default -> {
        String name =
            packages
                .around(script.directory(), Reason.likely("package of " + script.path()))
                .map(NodePackage::name)
                .orElse("");
        if (WRAPPERS.contains(name)) {
          wrapped(arguments, directory);
        }
      }
    }
  }

  private void packageManager(
      ImageFile script, List<String> arguments, ImageFile directory, boolean npm) {
    ImageFile in = directory;
    int i = 0;
    while (i < arguments.size() && arguments.get(i).startsWith("-")) {
      String option = arguments.get(i++);
      boolean moves = Set.of("--prefix", "--cwd", "--dir", "-C").contains(option);
      if (moves && i < arguments.size()) {
        in = start.image().directory(start.absolute(arguments.get(i++))).orElse(in);
      }
    }
    if (i == arguments.size()) {
      return;
    }
    String command = arguments.get(i);
    List<String> rest = arguments.subList(i + 1, arguments.size());
    if (npm) {
      npm(script, RUN.contains(command) ? "run" : command);
    }
    if (EXECUTE.contains(command)) {
      scripts.execute(in, withoutOptions(rest));
    } else if (RUN.contains(command)) {
      List<String> named = withoutOptions(rest);
      if (!named.isEmpty()) {
        runOrExecute(in, named, !npm);
      }
    } else if (NPM_SCRIPTS.contains(command) || !npm) {
      List<String> named = new ArrayList<>(List.of(command));
      named.addAll(rest);
      runOrExecute(in, named, !npm);
    }
  }

  private void runOrExecute(ImageFile directory, List<String> command, boolean orExecute) {
    List<String> arguments =
        command.subList(1, command.size()).stream().filter(word -> !word.equals("--")).toList();
    if (!scripts.run(directory, command.getFirst(), arguments)) {
      if (orExecute) {
        scripts.execute(directory, command);
      } else {
        start.unresolved("script " + command.getFirst(), "package.json has none of this name");
      }
    }
  }

  private static List<String> withoutOptions(List<String> arguments) {
    return arguments.stream().dropWhile(argument -> argument.startsWith("-")).toList();
  }

  private void npm(ImageFile script, String command) {
    ImageFile home = script.directory().directory();
    var modules = new ArrayList<>(NPM_MODULES);
    modules.add("lib/commands/" + command + ".js");
    modules.add("lib/commands/run.js");
    modules.add("lib/commands/run-script.js");
    for (String module : modules) {
      start
          .image()
          .find(home, module)
          .filter(ImageFile::isRegular)
          .ifPresent(file -> graph.enter(file, Reason.likely("part of npm")));
    }
    start.variable("HOME").ifPresent(at -> start.reads(at + "/.npmrc", Reason.likely("npm")));
  }

  /** Options, then assignments of variables, then a script or a command. */
  private void wrapped(List<String> arguments, ImageFile directory) {
    var variables = new HashMap<String, String>();
    List<String> rest = withoutOptions(arguments);
    while (!rest.isEmpty() && rest.getFirst().matches("[A-Za-z_][A-Za-z0-9_]*=.*")) {
      String assignment = rest.getFirst();
      int equals = assignment.indexOf('=');
      variables.put(assignment.substring(0, equals), assignment.substring(equals + 1));
      rest = withoutOptions(rest.subList(1, rest.size()));
    }
    if (rest.isEmpty()) {
      return;
    }
    Start inner = start.with(Map.copyOf(variables));
    if (SourceType.of(rest.getFirst()) == SourceType.MODULE
        && inner.file(rest.getFirst()).isPresent()) {
      var command = new ArrayList<>(List.of("node"));
      command.addAll(rest);
      inner.execute(command, Reason.certain("command line of a starter"));
    } else {
      new PackageScripts(inner, packages).execute(directory, rest);
    }
  }
}
