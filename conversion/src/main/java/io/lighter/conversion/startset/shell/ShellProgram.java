package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Shells, and the scripts that they run; BusyBox, which is one among other things. */
public final class ShellProgram implements ProgramKind {

  private static final Set<String> SHELLS =
      Set.of("sh", "ash", "dash", "bash", "rbash", "ksh", "ksh93", "mksh", "lksh", "zsh", "hush");

  /** Programs that are many, by the name that they are called by. */
  private static final Set<String> BOXES = Set.of("busybox", "busybox.static", "toybox");

  @Override
  public boolean runs(Invocation invocation) {
    return SHELLS.contains(invocation.name()) || BOXES.contains(invocation.program().name());
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    List<String> arguments = invocation.arguments();
    if (SHELLS.contains(invocation.name())) {
      new Session(invocation, start).follow(arguments);
      return;
    }
    boolean box = BOXES.contains(invocation.name());
    if (box && !arguments.isEmpty() && SHELLS.contains(arguments.getFirst())) {
      var shell = new Invocation(invocation.program(), arguments.getFirst(), arguments);
      new Session(shell, start).follow(arguments.subList(1, arguments.size()));
    }
  }

  /** One run of a shell. */
  private static final class Session {
    private final Start start;
    private final String shell;
    private final boolean bash;

    Session(Invocation invocation, Start start) {
      this.start = start;
      this.shell = invocation.name();
      this.bash =
          shell.equals("bash")
              || shell.equals("rbash")
              || invocation.program().name().equals("bash");
    }

    void follow(List<String> arguments) {
      if (bash) {
        // It looks up its user to set SHELL.
        start.reads("/etc/nsswitch.conf", Reason.certain("bash looks up its user"));
        start.reads("/etc/passwd", Reason.certain("bash looks up its user"));
      }
      ShellOptions options = ShellOptions.of(arguments);
      List<String> operands = options.operands();
      boolean hasScript = options.command() || (!options.standardInput() && !operands.isEmpty());
      Optional<String> path =
          options.command() || !hasScript ? Optional.empty() : script(operands.getFirst());
      String name = options.command() ? shell : hasScript ? operands.getFirst() : shell;
      List<String> rest = operands.subList(hasScript ? 1 : 0, operands.size());
      if (options.command() && !rest.isEmpty()) {
        name = rest.getFirst();
        rest = rest.subList(1, rest.size());
      }
      var interpreter = new Interpreter(start, path.orElse(name), bash);
      var state =
          new State(
              Variables.of(start.environment()), rest, start.workingDirectory(), Input.unknown());
      startupFiles(options, !hasScript).forEach(file -> sourceIfThere(file, interpreter, state));
      state.source = path.orElse("");
      if (options.command() && !operands.isEmpty()) {
        interpreter.run(operands.getFirst(), state);
      } else if (path.isPresent()) {
        ImageFile file = start.file(path.get()).orElseThrow();
        start.reads(file, Reason.certain("script of " + shell));
        interpreter.run(interpreter.text(file), state);
      } else if (hasScript) {
        start.unresolved(name, "there is no such script");
      }
    }

    private Optional<String> script(String name) {
      return start.file(name).isPresent() ? Optional.of(name) : start.which(name);
    }

    private void sourceIfThere(String path, Interpreter interpreter, State state) {
      start.file(path).ifPresent(file -> interpreter.source(file, path, state));
    }

    private List<String> startupFiles(ShellOptions options, boolean interactive) {
      var files = new ArrayList<String>();
      String home = start.variable("HOME").orElseGet(() -> new Users(start).home());
      boolean zsh = shell.equals("zsh");
      if (zsh) {
        files.addAll(List.of("/etc/zshenv", "/etc/zsh/zshenv", home + "/.zshenv"));
      }
      if (options.login() && zsh) {
        files.addAll(List.of("/etc/zprofile", "/etc/zsh/zprofile", home + "/.zprofile"));
      } else if (options.login()) {
        files.add("/etc/profile");
        List.of("/.bash_profile", "/.bash_login", "/.profile").stream()
            .filter(name -> bash || name.equals("/.profile"))
            .map(home::concat)
            .filter(path -> start.file(path).isPresent())
            .findFirst()
            .ifPresent(files::add);
      } else if (interactive && bash) {
        files.addAll(List.of("/etc/bash.bashrc", home + "/.bashrc"));
      }
      if (bash && !interactive && !shell.equals("sh")) {
        start.variable("BASH_ENV").ifPresent(files::add);
      }
      if (!bash && !zsh && interactive) {
        start.variable("ENV").ifPresent(files::add);
      }
      return files;
    }
  }
}
