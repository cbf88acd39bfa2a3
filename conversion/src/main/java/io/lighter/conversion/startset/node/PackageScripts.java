package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the scripts and commands of packages, as package managers do: by the shell. */
final class PackageScripts {

  private static final String BIN = "node_modules/.bin";

  private final Start start;
  private final Packages packages;

  PackageScripts(Start start, Packages packages) {
    this.start = start;
    this.packages = packages;
  }

  /**
   * Runs a script, with what is to be run before and after it.
   *
   * @param directory whose package has it
   * @return whether there is one of this name
   */
  boolean run(ImageFile directory, String script, List<String> arguments) {
    var reason = Reason.certain("script " + script + " of package.json");
    Optional<NodePackage> own = packages.around(directory, reason);
    Optional<String> text = own.flatMap(at -> at.script(script));
    if (own.isEmpty() || text.isEmpty()) {
      return false;
    }
    Start inPackage = in(own.get().directory());
    own.get().script("pre" + script).ifPresent(before -> shell(inPackage, before, reason));
    var line = new StringBuilder(text.get());
    for (String argument : arguments) {
      line.append(" '").append(argument.replace("'", "'\\''")).append('\'');
    }
    shell(inPackage, line.toString(), reason);
    return true;
  }

  /** Runs a command that a package in reach has, or any program. */
  void execute(ImageFile directory, List<String> command) {
    if (!command.isEmpty()) {
      in(directory).execute(command, Reason.certain("command of a package"));
    }
  }

  private static void shell(Start start, String text, Reason reason) {
    start.execute(List.of("/bin/sh", "-c", text), reason);
  }

  /** The start as scripts see it: in the package, its commands and those around it in PATH. */
  private Start in(ImageFile directory) {
    var path = new ArrayList<String>();
    for (ImageFile at = directory; at != at.directory(); at = at.directory()) {
      start.checkpoint();
      if (at.children().containsKey("node_modules")) {
        path.add(at.path() + "/" + BIN);
      }
    }
    path.add("/" + BIN);
    path.add(start.variable("PATH").orElse(""));
    return start.in(directory.path()).with(Map.of("PATH", String.join(":", path)));
  }
}
