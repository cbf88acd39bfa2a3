package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Module.Location;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * The applications that servers and frameworks import because an argument, a variable or a file of
 * settings names them.
 */
final class Applications {

  private static final int MAX_ARGUMENTS = 1_000;

  private final Start start;
  private final ImportedModules modules;
  private final Execution execution;

  Applications(Start start, ImportedModules modules, Execution execution) {
    this.start = start;
    this.modules = modules;
    this.execution = execution;
  }

  /** Follows what a program runs, once it has itself been followed. */
  void follow(CommandLine line) {
    String operand = line.operand();
    String program =
        line.target() == CommandLine.Target.SCRIPT
            ? operand.substring(operand.lastIndexOf('/') + 1)
            : operand;
    Optional<List<String>> launched =
        line.target() == CommandLine.Target.COMMAND
            ? Optional.empty()
            : modules.known().launched(program);
    if (launched.isPresent()) {
      launched.get().forEach(name -> load(name, program));
      application(program, line.rest());
    }
    new DjangoProject(start, modules, execution, this::named).follow(line.rest());
  }

  private void application(String program, List<String> given) {
    var arguments = new ArrayList<>(given.subList(0, Math.min(MAX_ARGUMENTS, given.size())));
    if (program.equals("gunicorn")) {
      start.variable("GUNICORN_CMD_ARGS").ifPresent(more -> arguments.addAll(words(more)));
    }
    directories(arguments);
    configuration(program, arguments);
    for (String argument : arguments) {
      for (String value : values(argument)) {
        modules.known().word(program, value).forEach(name -> load(name, program));
        named(value).ifPresent(name -> load(name, program));
      }
    }
    if (program.equals("flask")) {
      String set = start.variable("FLASK_APP").orElse("");
      boolean named = !set.isEmpty() || arguments.contains("--app") || arguments.contains("-A");
      List<String> names =
          named ? List.of(set.replace(".py", "").replace('/', '.')) : List.of("wsgi", "app");
      names.forEach(name -> named(name).ifPresent(found -> load(found, program)));
    }
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("[ \t]+"));
  }

  /** An argument, and what follows its equals sign. */
  private static List<String> values(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? List.of(argument) : List.of(argument.substring(equals + 1));
  }

  /** Where applications are looked for. */
  private void directories(List<String> arguments) {
    modules.finder().insert(0, start.workingDirectory());
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String option = equals < 0 ? argument : argument.substring(0, equals);
      switch (option) {
        case "--chdir", "--app-dir", "--pythonpath", "--workdir" -> {
          String value =
              equals >= 0
                  ? argument.substring(equals + 1)
                  : i + 1 < arguments.size() ? arguments.get(i + 1) : "";
          modules.finder().insert(0, value);
        }
        default -> {
          // It says nothing of directories.
        }
      }
    }
  }

  /** Files of settings that are Python, and applications that are named by their file. */
  private void configuration(String program, List<String> arguments) {
    var files = new LinkedHashSet<String>();
    if (program.equals("gunicorn")) {
      files.add("gunicorn.conf.py");
    }
    for (String argument : arguments) {
      values(argument).stream().filter(value -> value.endsWith(".py")).forEach(files::add);
    }
    for (String path : files) {
      String plain = path.startsWith("file:") ? path.substring("file:".length()) : path;
      Optional<ImageFile> file = start.file(plain);
      if (file.isPresent()) {
        start.reads(file.get(), Reason.certain("named to " + program));
        Location location = new Location(file.get().directory(), file.get().name(), file.get());
        ImportedModules.Statements code = modules.program(file.get().path(), location);
        execution.execute(code.module(), code.statements(), Certainty.LIKELY);
        for (String text : modules.texts(code.module())) {
          modules.known().word(program, text).forEach(name -> load(name, program));
          if (text.indexOf('.') > 0 || text.indexOf(':') > 0) {
            named(text).ifPresent(name -> load(name, plain));
          }
        }
      }
    }
  }

  /** The module that {@code module:name} or {@code module.Class} names, if there is one. */
  private Optional<String> named(String value) {
    int colon = value.indexOf(':');
    String name = colon < 0 ? value : value.substring(0, colon);
    if (!TestReader.isChain(name) || name.endsWith(".")) {
      return Optional.empty();
    }
    while (!name.isEmpty()) {
      start.checkpoint();
      Optional<Module> module = modules.finder().find(name);
      if (module.isPresent()) {
        return module.get().kind() == Module.Kind.BUILT_IN ? Optional.empty() : Optional.of(name);
      }
      name = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }
    return Optional.empty();
  }

  private void load(String name, String by) {
    execution.importModule(name, by, Certainty.LIKELY);
  }
}
