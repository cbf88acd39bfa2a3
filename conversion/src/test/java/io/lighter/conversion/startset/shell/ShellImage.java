package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.program.Wrapper;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import io.lighter.conversion.startset.trace.Unresolved;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An image with shells and some programs, which tell how they are executed. */
final class ShellImage {

  private final ImageBuilder builder = new ImageBuilder();
  private Optional<ImageTree> built = Optional.empty();
  private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
  private final Map<String, String> names = new HashMap<>();
  private final List<Start> starts = new ArrayList<>();
  private String user = "";
  private String directory = "/";
  private StartupSet latest = new StartupSet(List.of(), List.of(), Duration.ZERO, 0);

  ShellImage() {
    program("sh");
    program("bash");
  }

  private ImageBuilder adding() {
    built = Optional.empty();
    return builder;
  }

  ShellImage program(String name) {
    adding().executable("/bin/" + name, "\u007fELF");
    names.put("/bin/" + name, name);
    return this;
  }

  ShellImage programs(String... all) {
    for (String name : all) {
      program(name);
    }
    return this;
  }

  ShellImage script(String path, String text) {
    adding().executable(path, text);
    return this;
  }

  ShellImage file(String path, String text) {
    adding().file(path, text);
    return this;
  }

  ShellImage link(String path, String target) {
    adding().link(path, target);
    return this;
  }

  ShellImage directory(String path) {
    adding().directory(path);
    return this;
  }

  ShellImage environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  ShellImage user(String name) {
    user = name;
    return this;
  }

  ShellImage workingDirectory(String path) {
    directory = path;
    return this;
  }

  /** Notes what is executed that is neither shell nor wrapper. */
  private final class Recorder implements ProgramKind {
    private final List<String> executed = new ArrayList<>();

    @Override
    public boolean runs(Invocation invocation) {
      return true;
    }

    @Override
    public void follow(Invocation invocation, Start start) {
      var words = new ArrayList<String>();
      words.add(invocation.name());
      words.addAll(invocation.arguments());
      executed.add(String.join(" ", words));
      starts.add(start);
    }
  }

  /** The programs that a command executes in the end, with their arguments. */
  List<String> executed(String... command) {
    return executed(AnalysisLimits.DEFAULTS, command);
  }

  List<String> executed(AnalysisLimits limits, String... command) {
    var recorder = new Recorder();
    starts.clear();
    ImageTree tree = built.orElseGet(builder::build);
    built = Optional.of(tree);
    var asked = new ImageCommand(List.of(command), environment, directory, user);
    List<ProgramKind> kinds = List.of(new Wrapper(), new ShellProgram(), recorder);
    try {
      latest = Start.follow(tree, asked, kinds, (_, _, _) -> {}, limits);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return recorder.executed;
  }

  /** What a script executes that a shell is given by {@code -c}. */
  List<String> run(String script) {
    return executed("bash", "-c", script);
  }

  /** How the latest start saw the program that was executed at an index. */
  Start start(int index) {
    return starts.get(index);
  }

  List<String> paths() {
    return ImageBuilder.paths(latest);
  }

  List<String> unresolved() {
    return latest.unresolved().stream().map(Unresolved::what).toList();
  }

  String certainty(String path) {
    return latest.files().stream()
        .filter(found -> found.file().path().equals(path))
        .map(StartupFile::reason)
        .map(reason -> reason.certainty().name())
        .findFirst()
        .orElse("none");
  }
}
