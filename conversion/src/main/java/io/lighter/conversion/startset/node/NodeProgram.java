package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Node.js, with the package managers and starters that are written in it. */
public final class NodeProgram implements ProgramKind {

  private static final Set<String> NAMES = Set.of("node", "nodejs");

  /** What Debian's Node has outside the program and reads before anything else, in this order. */
  private static final List<String> DEBIAN_BUILTINS =
      List.of(
          "/etc/ssl/openssl.cnf",
          "/usr/share/nodejs/cjs-module-lexer/lexer.js",
          "/usr/share/nodejs/cjs-module-lexer/dist/lexer.js",
          "/usr/share/nodejs/undici/undici-fetch.js",
          "/usr/share/nodejs/acorn/dist/acorn.js",
          "/usr/share/nodejs/acorn-walk/dist/walk.js");

  /** Where Debian's Node looks for packages that no other place has. */
  private static final List<String> DEBIAN_PACKAGES =
      List.of(
          "/usr/lib/x86_64-linux-gnu/nodejs",
          "/usr/lib/aarch64-linux-gnu/nodejs",
          "/usr/share/nodejs",
          "/usr/lib/nodejs");

  @Override
  public boolean runs(Invocation invocation) {
    return NAMES.contains(invocation.program().name()) || NAMES.contains(invocation.name());
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    var options =
        NodeOptions.parse(start.variable("NODE_OPTIONS").orElse(""), invocation.arguments());
    boolean debian = invocation.program().path().startsWith("/usr/bin/");
    if (debian) {
      DEBIAN_BUILTINS.forEach(
          path -> start.reads(path, Reason.certain("builtin of Debian's Node")));
    }
    options.files().forEach(path -> start.reads(path, Reason.certain("option of Node")));
    for (String variable : List.of("OPENSSL_CONF", "NODE_EXTRA_CA_CERTS")) {
      start.variable(variable).ifPresent(path -> start.reads(path, Reason.certain(variable)));
    }
    NodeVersion version = NodeVersion.of(invocation.program(), start);
    run(options, start.directory(), searchPath(invocation, start, debian), version, start);
    // The first date that is written out needs it.
    start.reads("/etc/localtime", Reason.likely("time zone"));
  }

  private static void run(
      NodeOptions options,
      ImageFile directory,
      List<ImageFile> searchPath,
      NodeVersion version,
      Start start) {
    var packages = new Packages(start);
    var resolver = new Resolver(start, packages, searchPath);
    var graph =
        new ModuleGraph(
            start,
            packages,
            resolver,
            conditions("require", options, version),
            conditions("import", options, version));
    for (String module : options.preloaded()) {
      graph.enter(directory, module, Reason.certain("loaded in front of the script"));
    }
    if (!options.script().isEmpty()) {
      new PackageScripts(start, packages).run(directory, options.script(), options.rest());
    } else if (!options.source().isEmpty()) {
      graph.enterSource(directory, options.source().getBytes(StandardCharsets.UTF_8));
    } else if (!options.rest().isEmpty() && !options.rest().getFirst().equals("-")) {
      String script = start.absolute(options.rest().getFirst());
      Optional<ImageFile> entry =
          graph.enter(directory, script, Reason.certain("script of the command"));
      List<String> arguments = options.rest().subList(1, options.rest().size());
      entry.ifPresent(
          file -> new Launchers(start, packages, graph).follow(file, arguments, directory));
    }
  }

  private static List<String> conditions(String kind, NodeOptions options, NodeVersion version) {
    var conditions = new ArrayList<>(options.conditions());
    conditions.addAll(List.of("node", "node-addons", kind));
    if (version.requiresModules()) {
      conditions.add("module-sync");
    }
    return conditions;
  }

  private static List<ImageFile> searchPath(Invocation invocation, Start start, boolean debian) {
    var paths = new ArrayList<String>();
    for (String path : start.variable("NODE_PATH").orElse("").split(":", -1)) {
      paths.add(path.isEmpty() ? "" : start.absolute(path));
    }
    start.variable("HOME").ifPresent(home -> paths.add(home + "/.node_modules"));
    paths.add(invocation.program().directory().directory().path() + "/lib/node");
    if (debian) {
      paths.addAll(DEBIAN_PACKAGES);
    }
    var directories = new ArrayList<ImageFile>();
    for (String path : paths) {
      start.checkpoint();
      if (!path.isEmpty()) {
        start.image().directory(path).ifPresent(directories::add);
      }
    }
    return directories;
  }
}
