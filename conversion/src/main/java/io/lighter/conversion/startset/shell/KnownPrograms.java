package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What programs write that scripts ask about the image, and what some of them execute. */
final class KnownPrograms {

  private static final int MACHINE = 18;

  private final Interpreter interpreter;
  private final Start seen;
  private final Start start;
  private final State state;

  KnownPrograms(Interpreter interpreter, Start seen, Start start, State state) {
    this.interpreter = interpreter;
    this.seen = seen;
    this.start = start;
    this.state = state;
  }

  /** Does what a program does, if that is known. */
  boolean run(String name, List<String> arguments) {
    Optional<String> output = output(name, operands(arguments), arguments);
    output.ifPresent(state.output::write);
    return output.isPresent();
  }

  private static List<String> operands(List<String> arguments) {
    var operands = new ArrayList<>(arguments);
    operands.removeIf(argument -> argument.startsWith("-") && argument.length() > 1);
    return operands;
  }

  private Optional<String> output(String name, List<String> operands, List<String> arguments) {
    String first = operands.isEmpty() ? "" : operands.getFirst();
    return switch (name) {
      case "id" -> id(arguments);
      case "whoami" -> Optional.of(new Users(seen).name() + "\n");
      case "dirname" -> Optional.of(ofPath(first, Paths.directory(first)) + "\n");
      case "basename" -> Optional.of(basename(operands) + "\n");
      case "readlink" -> arguments.isEmpty() ? Optional.empty() : readlink(arguments, first);
      case "realpath" -> Optional.of(resolved(first) + "\n");
      case "cat" -> cat(operands);
      case "which" -> {
        Optional<String> path = Unknown.in(first) ? Optional.empty() : seen.which(first);
        state.status = Unknown.in(first) ? Truth.UNKNOWN : Truth.of(path.isPresent());
        yield path.map(found -> found + "\n");
      }
      case "uname", "arch" -> uname(name, arguments);
      case "sort" ->
          Optional.of(
              state
                  .input
                  .rest()
                  .lines()
                  .sorted()
                  .map(line -> line + "\n")
                  .collect(Collectors.joining()));
      case "ls" -> list(operands, arguments);
      case "head" -> Optional.of(state.input.line().map(line -> line + "\n").orElse(""));
      case "find" -> Optional.of(new Find(interpreter, start, state).run(arguments));
      case "run-parts" -> runParts(first);
      case "mkdir",
          "chmod",
          "chown",
          "chgrp",
          "cp",
          "mv",
          "ln",
          "touch",
          "rm",
          "install",
          "sleep" ->
          Optional.of("");
      default -> Optional.empty();
    };
  }

  private Optional<String> id(List<String> arguments) {
    var users = new Users(seen);
    return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
      case "-u" -> Optional.of((arguments.size() > 1 ? Unknown.TEXT : users.number()) + "\n");
      case "-g" -> Optional.of((arguments.size() > 1 ? Unknown.TEXT : users.group()) + "\n");
      case "-un", "-nu" -> Optional.of(users.name() + "\n");
      default -> Optional.empty();
    };
  }

  private static String ofPath(String path, String made) {
    return Unknown.in(path) ? Unknown.TEXT : made;
  }

  private static String basename(List<String> operands) {
    if (operands.isEmpty() || operands.stream().anyMatch(Unknown::in)) {
      return Unknown.TEXT;
    }
    String name = Paths.name(operands.getFirst());
    String suffix = operands.size() > 1 ? operands.get(1) : "";
    return name.endsWith(suffix) && !name.equals(suffix)
        ? name.substring(0, name.length() - suffix.length())
        : name;
  }

  private Optional<String> readlink(List<String> arguments, String path) {
    if (arguments.getFirst().startsWith("-")) {
      return Optional.of(resolved(path) + "\n");
    }
    String absolute = Paths.normal(state.absolute(path));
    return start
        .image()
        .directory(Paths.directory(absolute))
        .map(directory -> directory.children().get(Paths.name(absolute)))
        .map(ImageFile::linkTarget)
        .map(target -> target.isEmpty() ? "" : target + "\n");
  }

  private String resolved(String path) {
    if (Unknown.in(path)) {
      return Unknown.TEXT;
    }
    String absolute = Paths.normal(state.absolute(path));
    return start.image().find(absolute).map(ImageFile::path).orElse(absolute);
  }

  private Optional<String> cat(List<String> operands) {
    if (operands.isEmpty()) {
      return Optional.of(state.input.rest());
    }
    var text = new StringBuilder();
    for (String path : operands) {
      Optional<ImageFile> file =
          state.mayHaveChanged(path) ? Optional.empty() : start.file(state.absolute(path));
      if (file.isEmpty() || file.get().size() > Output.LONGEST) {
        return Optional.empty();
      }
      text.append(interpreter.text(file.get()));
    }
    return Optional.of(text.toString());
  }

  private Optional<String> uname(String name, List<String> arguments) {
    String option = name.equals("arch") ? "-m" : arguments.isEmpty() ? "-s" : arguments.getFirst();
    return switch (option) {
      case "-s" -> Optional.of("Linux\n");
      case "-m", "-p" -> machine().map(machine -> machine + "\n");
      default -> Optional.empty();
    };
  }

  /** By the program that would be asked, which is of the same kind. */
  private Optional<String> machine() {
    Optional<ImageFile> program = seen.which("uname").flatMap(path -> start.image().file(path));
    byte[] header = program.map(file -> start.content(file, 0, MACHINE + 1)).orElse(new byte[0]);
    int machine = header.length > MACHINE && header[0] == 0x7f ? header[MACHINE] & 0xff : 0;
    return switch (machine) {
      case 0x3e -> Optional.of("x86_64");
      case 0xb7 -> Optional.of("aarch64");
      default -> Optional.empty();
    };
  }

  private Optional<String> list(List<String> operands, List<String> arguments) {
    boolean hidden =
        arguments.stream()
            .anyMatch(a -> a.startsWith("-") && a.toLowerCase(java.util.Locale.ROOT).contains("a"));
    boolean simple =
        operands.size() <= 1
            && arguments.stream().noneMatch(a -> a.startsWith("-") && a.contains("l"));
    String path = operands.isEmpty() ? "." : operands.getFirst();
    if (!simple || state.mayHaveChanged(path)) {
      return Optional.empty();
    }
    Optional<ImageFile> file = start.image().find(state.absolute(path));
    state.status = Truth.of(file.isPresent());
    return file.map(found ->
        found.isDirectory()
            ? found.children().keySet().stream()
                .filter(name -> hidden || !name.startsWith("."))
                .map(name -> name + "\n")
                .collect(Collectors.joining())
            : path + "\n");
  }

  private Optional<String> runParts(String path) {
    Optional<ImageFile> directory = start.image().directory(state.absolute(path));
    for (ImageFile file :
        directory.map(found -> List.copyOf(found.children().values())).orElse(List.of())) {
      start.checkpoint();
      if (file.name().matches("[A-Za-z0-9_.-]+")) {
        seen.execute(List.of(file.path()), interpreter.reason(state));
      }
    }
    return Optional.empty();
  }
}
