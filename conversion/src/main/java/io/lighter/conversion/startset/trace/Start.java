package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.DamagedFileException;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.image.ImageTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The start of one container, as one of its programs sees it: an image, an environment, a working
 * directory; and what was found so far, which all programs of the start share. Belongs to one
 * thread.
 *
 * <p>Every method can end the analysis with {@link LimitReachedException}, and with {@link
 * UncheckedIOException} when the layers cannot be read or the thread was interrupted. Neither is to
 * be caught by a {@link ProgramKind}.
 */
public final class Start {

  private static final int MAX_DEPTH = 16;
  private static final int MAX_SHEBANG = 256;
  private static final int MAX_ARGUMENTS = 10_000;

  private final Shared shared;
  private final Surroundings process;

  /** What all programs of the start have in common. */
  private record Shared(
      ImageTree image,
      List<ProgramKind> kinds,
      ObjectLoader loader,
      Findings findings,
      Budget budget) {}

  private Start(Shared shared, Surroundings process) {
    this.shared = shared;
    this.process = process;
  }

  /**
   * Follows a start to its end, or until it is at a limit.
   *
   * @param kinds the first that knows a program follows it
   * @throws IOException if the layers cannot be read, or the thread was interrupted
   */
  public static StartupSet follow(
      ImageTree image,
      ImageCommand command,
      List<ProgramKind> kinds,
      ObjectLoader loader,
      AnalysisLimits limits)
      throws IOException {
    var findings = new Findings();
    var budget = new Budget(limits);
    var start =
        new Start(
            new Shared(image, kinds, loader, findings, budget),
            new Surroundings(
                command.environment(),
                command.workingDirectory(),
                command.user(),
                Certainty.CERTAIN,
                0));
    try {
      if (command.command().isEmpty()) {
        findings.unresolved("the command", "the image names none");
      }
      start.execute(command.command(), Reason.certain("the image's command"));
    } catch (LimitReachedException e) {
      findings.unresolved("the rest of the start", String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    Duration cpu = budget.used();
    return new StartupSet(findings.files(), findings.unresolved(), cpu, budget.bytesRead());
  }

  /** The merged image. */
  public ImageTree image() {
    return shared.image;
  }

  /** Value of an environment variable; empty if it is not set. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(process.environment().get(name));
  }

  /** All environment variables. */
  public Map<String, String> environment() {
    return process.environment();
  }

  /** Absolute path of the directory in which relative paths begin. */
  public String workingDirectory() {
    return process.workingDirectory();
  }

  /**
   * The user that the program runs as, as whoever changed it last named it: a name or a number, a
   * group behind a colon or not. Empty for root.
   */
  public String user() {
    return process.user();
  }

  /** Whether the program runs as root. */
  public boolean isRoot() {
    String name = user().split(":", 2)[0];
    return name.isEmpty() || name.equals("root") || name.equals("0");
  }

  /** The working directory; the root where an image has none, which runtimes then make empty. */
  public ImageFile directory() {
    return image().directory(workingDirectory()).orElseGet(image()::root);
  }

  /** The same start with more environment variables, or with other values of them. */
  public Start with(Map<String, String> variables) {
    var all = new HashMap<>(environment());
    all.putAll(variables);
    return withOnly(all);
  }

  /** The same start with these environment variables and no others. */
  public Start withOnly(Map<String, String> variables) {
    return new Start(shared, process.with(variables));
  }

  /** The same start in another working directory, relative to the present one or absolute. */
  public Start in(String directory) {
    return new Start(shared, process.in(absolute(directory)));
  }

  /** The same start as another user. */
  public Start as(String user) {
    return new Start(shared, process.as(user));
  }

  /** A path as seen from the working directory; not resolved further. */
  public String absolute(String path) {
    if (path.startsWith("/")) {
      return path;
    }
    String directory = workingDirectory();
    return directory.endsWith("/") ? directory + path : directory + "/" + path;
  }

  /** The regular file that a path leads to, seen from the working directory. */
  public Optional<ImageFile> file(String path) {
    return shared.image.file(absolute(path));
  }

  /**
   * Takes in a file.
   *
   * @return whether it was not there yet; false as well if it is no regular file
   */
  public boolean reads(ImageFile file, Reason reason) {
    shared.budget.step();
    if (!file.isRegular()) {
      return false;
    }
    if (shared.findings.size() >= shared.budget.limits().files()) {
      throw new LimitReachedException("it has %d files".formatted(shared.budget.limits().files()));
    }
    return shared.findings.add(file, reason.atMost(process.surest()));
  }

  /** Takes in the regular file that a path leads to, if there is one. */
  public Optional<ImageFile> reads(String path, Reason reason) {
    Optional<ImageFile> file = file(path);
    file.ifPresent(found -> reads(found, reason));
    return file;
  }

  /** Whether a file is taken in already. */
  public boolean has(ImageFile file) {
    return shared.findings.has(file);
  }

  /** Takes in a shared object or program with all that the dynamic linker opens for it, once. */
  public void loads(ImageFile object, Reason reason) {
    reads(object, reason);
    if (object.isRegular()
        && shared.findings.loadsFirst(object, reason.atMost(process.surest()).certainty())) {
      shared.loader.load(object, reason, this);
    }
  }

  /** Notes what could not be followed, for whoever reads the result. */
  public void unresolved(String what, String why) {
    shared.findings.unresolved(what, why);
  }

  /** To be called in every loop whose length an image decides. */
  public void checkpoint() {
    shared.budget.step();
  }

  /**
   * The bytes of a file; none if it is longer than {@link AnalysisLimits#largestFile} or damaged.
   */
  public byte[] content(ImageFile file) {
    if (file.size() > shared.budget.limits().largestFile()) {
      unresolved(file.path(), "it is too long to be looked into: %d bytes".formatted(file.size()));
      return new byte[0];
    }
    return content(file, 0, (int) file.size());
  }

  /**
   * Some bytes of a file: as many as asked for, or fewer if it ends; none if it is damaged.
   *
   * @param position from 0
   */
  public byte[] content(ImageFile file, long position, int length) {
    shared.budget.read(Math.min(length, Math.max(0, file.size() - position)));
    try {
      return file.read(position, length);
    } catch (DamagedFileException e) {
      unresolved(file.path(), "it is damaged: " + e.getMessage());
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Text of a file, each byte a character, which is right for everything ASCII.
   *
   * @param length how much of it to look at
   */
  public String text(ImageFile file, int length) {
    return new String(content(file, 0, length), StandardCharsets.ISO_8859_1);
  }

  /**
   * Follows a command: finds the program, follows what it is a script of, takes in what the kernel
   * and the dynamic linker read, and has its kind tell the rest.
   *
   * @param command program and arguments; none do nothing
   * @param reason why it is executed
   * @return whether there is such a program
   */
  public boolean execute(List<String> command, Reason reason) {
    if (command.isEmpty() || command.getFirst().isEmpty()) {
      return false;
    }
    Optional<String> path = which(command.getFirst());
    if (path.isEmpty()) {
      unresolved(command.getFirst(), "there is no such program");
      return false;
    }
    Surroundings inner = process.executing(reason.certainty());
    if (process.depth() == MAX_DEPTH || command.size() > MAX_ARGUMENTS) {
      unresolved(
          command.getFirst(), "it is executed by too many others, or has too many arguments");
    } else if (shared.findings.executesFirst(asKnown(path.get(), command), inner.surest())) {
      new Start(shared, inner).run(path.get(), command.subList(1, command.size()), reason);
    }
    return true;
  }

  /** What makes an execution another one than those before: not only its words. */
  private List<String> asKnown(String path, List<String> command) {
    var known = new ArrayList<>(command);
    known.set(0, path);
    known.add(workingDirectory());
    known.add(user());
    return known;
  }

  private void run(String path, List<String> arguments, Reason reason) {
    ImageFile program = shared.image.file(path).orElseThrow();
    String begin = text(program, MAX_SHEBANG);
    if (begin.startsWith("#!")) {
      reads(program, reason);
      interpret(begin.substring(2).lines().findFirst().orElse(""), path, arguments);
      return;
    }
    loads(program, reason);
    var invocation = new Invocation(program, path, arguments);
    for (ProgramKind kind : shared.kinds) {
      if (kind.runs(invocation)) {
        kind.follow(invocation, this);
        return;
      }
    }
  }

  /** What the kernel makes of a script's first line: one argument at most. */
  private void interpret(String line, String script, List<String> arguments) {
    String[] words = line.strip().split("[ \t]+", 2);
    var command = new ArrayList<String>(List.of(words));
    command.add(script);
    command.addAll(arguments);
    execute(command, Reason.certain("interpreter of " + script));
  }

  /** Absolute path of a program, links not followed. */
  public Optional<String> which(String name) {
    if (name.contains("/")) {
      return Optional.of(absolute(name)).filter(path -> shared.image.file(path).isPresent());
    }
    for (String directory : variable("PATH").orElse("").split(":", -1)) {
      checkpoint();
      String path = absolute(directory.isEmpty() ? name : directory + "/" + name);
      if (shared.image.file(path).filter(ImageFile::isExecutable).isPresent()) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }
}
