package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Module.Location;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** CPython 3, from 3.8 on: its own start and everything that the program imports. */
public final class PythonProgram implements ProgramKind {

  private static final List<String> LOCALE =
      List.of(
          "/usr/lib/locale/C.utf8/LC_CTYPE",
          "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
          "/usr/lib/aarch64-linux-gnu/gconv/gconv-modules.cache",
          "/usr/lib64/gconv/gconv-modules.cache",
          "/etc/localtime");

  @Override
  public boolean runs(Invocation invocation) {
    return isPython(invocation.program().name()) || isPython(invocation.name());
  }

  private static boolean isPython(String name) {
    if (!name.startsWith("python")) {
      return false;
    }
    for (int i = "python".length(); i < name.length(); i++) {
      char c = name.charAt(i);
      if (c != '.' && c != 't' && !Character.isDigit(c)) {
        return false;
      }
    }
    return !name.startsWith("python2");
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    CommandLine line = CommandLine.of(invocation.arguments(), start.environment());
    LOCALE.forEach(path -> start.reads(path, Reason.likely("read by Python before it begins")));
    Installation.find(invocation, line, start)
        .ifPresent(installation -> new Run(start, line, installation).run());
  }

  /** One start of one program. */
  private static final class Run {

    private static final String INTERPRETER = "the interpreter";

    private final Start start;
    private final CommandLine line;
    private final Installation installation;
    private final ImportedModules modules;
    private final Execution execution;

    Run(Start start, CommandLine line, Installation installation) {
      this.start = start;
      this.line = line;
      this.installation = installation;
      var finder = new ModuleFinder(start, installation);
      for (String place : line.environment().getOrDefault("PYTHONPATH", "").split(":", -1)) {
        if (!place.isEmpty()) {
          finder.append(place);
        }
      }
      finder.append(installation.library());
      finder.append(installation.library() + "/lib-dynload");
      ImageFile library = start.image().directory(installation.library()).orElseThrow();
      this.modules =
          new ImportedModules(
              start,
              finder,
              new CompiledFiles(start, installation.minor(), line),
              new ExtensionModules(finder, library),
              new Facts(
                  installation.minor(),
                  new HashMap<>(start.environment()),
                  line.optimization() > 0),
              line.frozenModules());
      this.execution = new Execution(start, modules);
    }

    void run() {
      interpreter();
      switch (line.target()) {
        case SCRIPT -> script();
        case COMMAND -> {
          here();
          byte[] source = line.operand().getBytes(StandardCharsets.UTF_8);
          execute(modules.text(Execution.MAIN, source));
        }
        case MODULE -> module();
        case INPUT -> {
          // What comes from standard input is not in the image.
        }
      }
      new Applications(start, modules, execution).follow(line);
    }

    private void interpreter() {
      imports("encodings", "encodings.aliases", "encodings.utf_8");
      if (installation.minor() < 10) {
        imports("encodings.latin_1", "_bootlocale");
      }
      imports("abc", "io");
      if (line.site()) {
        imports("site");
        new SitePackages(start, modules, execution).add(installation.sites());
        imports("sitecustomize");
        if (line.userSite()) {
          imports("usercustomize");
        }
      }
    }

    private void imports(String... names) {
      for (String name : names) {
        execution.importModule(name, INTERPRETER, Certainty.CERTAIN);
      }
    }

    private void here() {
      if (!line.safePath()) {
        modules.finder().insert(0, start.workingDirectory());
      }
    }

    private void script() {
      Optional<ImageFile> found = start.image().find(start.absolute(line.operand()));
      if (found.isPresent() && found.get().isDirectory()) {
        modules.finder().insert(0, found.get().path());
        imports("runpy");
        start
            .image()
            .find(found.get(), "__main__.py")
            .ifPresent(main -> execute(main, found.get()));
      } else if (found.filter(ImageFile::isRegular).isPresent()) {
        ImageFile script = found.get();
        start.reads(script, Reason.certain("the script"));
        if (!line.safePath()) {
          modules.finder().insert(0, script.directory().path());
        }
        if (start.text(script, 4).startsWith("PK")) {
          imports("runpy", "zipimport");
          ZipProgram.statements(start.content(script), modules.facts())
              .forEach(part -> execute(new ImportedModules.Statements(nameless(), part)));
        } else {
          execute(script, script.directory());
        }
      } else {
        start.unresolved(line.operand(), "the script is not in the image");
      }
    }

    private static Module nameless() {
      return new Module("", Module.Kind.BUILT_IN, Optional.empty(), List.of());
    }

    private void module() {
      here();
      imports("runpy");
      String name = line.operand();
      execution.importModule(
          name.substring(0, Math.max(0, name.lastIndexOf('.'))), INTERPRETER, Certainty.CERTAIN);
      Optional<Module> module = modules.finder().find(name);
      if (module.filter(Module::isPackage).isPresent()) {
        imports(name);
        module = modules.finder().find(name + ".__main__");
      }
      if (module.isEmpty() || module.get().location().isEmpty()) {
        start.unresolved(name, "no such module is in the image; named by -m");
        return;
      }
      modules.assure(module.get(), Certainty.CERTAIN, "the program");
      var program =
          new Module(
              Execution.MAIN,
              module.get().kind(),
              module.get().location(),
              module.get().searched());
      String inside = module.get().packageName();
      program.belongsTo(inside);
      execute(new ImportedModules.Statements(program, modules.statements(program)));
    }

    private void execute(ImageFile script, ImageFile directory) {
      start.reads(script, Reason.certain("the script"));
      execute(modules.program(Execution.MAIN, new Location(directory, script.name(), script)));
    }

    private void execute(ImportedModules.Statements program) {
      execution.execute(program.module(), program.statements(), Certainty.CERTAIN);
    }
  }
}
