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
 * UncheckedIOException} when the layers cannot be read. Neither is to be caught by a {@link
 * ProgramKind}.
 */
public final class Start {

  private static final int MAX_DEPTH = 16;
  private static final int MAX_SHEBANG = 256;
  private static final int MAX_ARGUMENTS = 10_000;

  private final ImageTree image;
  private final List<ProgramKind> kinds;
  private final ObjectLoader loader;
  private final Map<String, String> environment;
  private final String workingDirectory;
  private final Findings findings;
  private final Budget budget;
  private final int depth;

  private Start(
      ImageTree image,
      List<ProgramKind> kinds,
      ObjectLoader loader,
      Map<String, String> environment,
      String workingDirectory,
      Findings findings,
      Budget budget,
      int depth) {
    this.image = image;
    this.kinds = kinds;
    this.loader = loader;
    this.environment = environment;
    this.workingDirectory = workingDirectory;
    this.findings = findings;
    this.budget = budget;
    this.depth = depth;
  }

  /**
   * Follows a start to its end, or until it is at a limit.
   *
   * @param kinds the first that knows a program follows it
   * @throws IOException if the layers cannot be read
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
            image,
            kinds,
            loader,
            command.environment(),
            command.workingDirectory(),
            findings,
            budget,
            0);
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
    return image;
  }

  /** Value of an environment variable; empty if it is not set. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name));
  }

  /** All environment variables. */
  public Map<String, String> environment() {
    return environment;
  }

  /** Absolute path of the directory in which relative paths begin. */
  public String workingDirectory() {
    return workingDirectory;
  }

  /** The working directory; the root where an image has none, which runtimes then make empty. */
  public ImageFile directory() {
    return image.directory(workingDirectory).or(() -> image.directory("/")).orElseThrow();
  }

  /** The same start with more environment variables, or with other values of them. */
  public Start with(Map<String, String> variables) {
    var all = new HashMap<>(environment);
    all.putAll(variables);
    return new Start(
        image, kinds, loader, Map.copyOf(all), workingDirectory, findings, budget, depth);
  }

  /** The same start in another working directory, relative to the present one or absolute. */
  public Start in(String directory) {
    return new Start(
        image, kinds, loader, environment, absolute(directory), findings, budget, depth);
  }

  /** A path as seen from the working directory; not resolved further. */
  public String absolute(String path) {
    if (path.startsWith("/")) {
      return path;
    }
    return workingDirectory.endsWith("/") ? workingDirectory + path : workingDirectory + "/" + path;
  }

  /** The regular file that a path leads to, seen from the working directory. */
  public Optional<ImageFile> file(String path) {
    return image.file(absolute(path));
  }

  /**
   * Takes in a file.
   *
   * @return whether it was not there yet; false as well if it is no regular file
   */
  public boolean reads(ImageFile file, Reason reason) {
    budget.step();
    if (!file.isRegular()) {
      return false;
    }
    if (findings.size() >= budget.limits().files()) {
      throw new LimitReachedException("it has %d files".formatted(budget.limits().files()));
    }
    return findings.add(file, reason);
  }

  /** Takes in the regular file that a path leads to, if there is one. */
  public Optional<ImageFile> reads(String path, Reason reason) {
    Optional<ImageFile> file = file(path);
    file.ifPresent(found -> reads(found, reason));
    return file;
  }

  /** Whether a file is taken in already. */
  public boolean has(ImageFile file) {
    return findings.has(file);
  }

  /** Takes in a shared object or program with all that the dynamic linker opens for it, once. */
  public void loads(ImageFile object, Reason reason) {
    reads(object, reason);
    if (object.isRegular() && findings.loadsFirst(object)) {
      loader.load(object, reason, this);
    }
  }

  /** Notes what could not be followed, for whoever reads the result. */
  public void unresolved(String what, String why) {
    findings.unresolved(what, why);
  }

  /** To be called in every loop whose length an image decides. */
  public void checkpoint() {
    budget.step();
  }

  /**
   * The bytes of a file; none if it is longer than {@link AnalysisLimits#largestFile} or damaged.
   */
  public byte[] content(ImageFile file) {
    if (file.size() > budget.limits().largestFile()) {
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
    budget.read(Math.min(length, Math.max(0, file.size() - position)));
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
    var asFound = new ArrayList<>(command);
    asFound.set(0, path.get());
    asFound.add(workingDirectory);
    if (depth == MAX_DEPTH || command.size() > MAX_ARGUMENTS) {
      unresolved(
          command.getFirst(), "it is executed by too many others, or has too many arguments");
    } else if (findings.executesFirst(asFound)) {
      var inner =
          new Start(
              image, kinds, loader, environment, workingDirectory, findings, budget, depth + 1);
      inner.run(path.get(), command.subList(1, command.size()), reason);
    }
    return true;
  }

  private void run(String path, List<String> arguments, Reason reason) {
    ImageFile program = image.file(path).orElseThrow();
    String begin = text(program, MAX_SHEBANG);
    if (begin.startsWith("#!")) {
      reads(program, reason);
      interpret(begin.substring(2).lines().findFirst().orElse(""), path, arguments);
      return;
    }
    loads(program, reason);
    var invocation = new Invocation(program, path, arguments);
    for (ProgramKind kind : kinds) {
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
      return Optional.of(absolute(name)).filter(path -> image.file(path).isPresent());
    }
    for (String directory : variable("PATH").orElse("").split(":", -1)) {
      checkpoint();
      String path = absolute(directory.isEmpty() ? name : directory + "/" + name);
      if (image.file(path).filter(ImageFile::isExecutable).isPresent()) {
        return Optional.of(path);
      }
    }
    return Optional.empty();
  }
}
