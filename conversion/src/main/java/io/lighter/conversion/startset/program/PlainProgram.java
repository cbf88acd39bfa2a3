package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.elf.ElfFile;
import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Any program: what its arguments name, what paths its data names, and the configuration that these
 * lead to or that stands where programs of its name keep theirs. To be asked after all other kinds.
 */
public final class PlainProgram implements ProgramKind {

  /** Longer files named by data or configuration are seldom read whole, or at all. */
  private static final long SMALL = 1 << 20;

  private static final Reason IN_DATA = Reason.likely("its path is in the program's data");

  /** Directories below which programs keep a configuration of their name. */
  private static final List<String> CONFIGURATION_ROOTS =
      List.of("/etc", "/usr/local/etc", "/usr/local", "/opt");

  /** Programs that do not open the files that their arguments name, and have no configuration. */
  private static final Set<String> NAMES_ONLY =
      Set.of(
          "[",
          "arch",
          "basename",
          "chgrp",
          "chmod",
          "chown",
          "date",
          "dirname",
          "echo",
          "env",
          "expr",
          "false",
          "find",
          "hostname",
          "id",
          "install",
          "kill",
          "ln",
          "ls",
          "mkdir",
          "mkfifo",
          "mv",
          "nproc",
          "printenv",
          "printf",
          "pwd",
          "readlink",
          "realpath",
          "rm",
          "rmdir",
          "seq",
          "sleep",
          "stat",
          "sync",
          "test",
          "touch",
          "true",
          "uname",
          "which",
          "whoami");

  @Override
  public boolean runs(Invocation invocation) {
    return true;
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    if (NAMES_ONLY.contains(invocation.name())) {
      return;
    }
    ImageFile program = invocation.program();
    var configuration = new Configuration(start, invocation.name());
    for (String argument : invocation.arguments()) {
      start.checkpoint();
      named(argument, start)
          .forEach(file -> {
            start.reads(file, Reason.certain("an argument names it"));
            configuration.add(file);
          });
    }
    boolean executable = ElfFile.read(program, start).filter(elf -> !elf.isStatic()).isPresent();
    if (executable) {
      for (ImageFile file : BinaryPaths.of(program, start)) {
        if (file.size() <= SMALL && start.reads(file, IN_DATA)) {
          configuration.add(file);
        }
      }
    }
    if (configuration.isEmpty()) {
      usual(invocation.name(), start).forEach(configuration::add);
    }
    configuration.follow();
  }

  /** Files that an argument names: itself, what follows its {@code =}, or an option's letter. */
  private static Set<ImageFile> named(String argument, Start start) {
    var files = new LinkedHashSet<ImageFile>();
    start.file(argument).ifPresent(files::add);
    int equals = argument.indexOf('=');
    if (equals > 0) {
      start.file(argument.substring(equals + 1)).ifPresent(files::add);
    }
    if (argument.startsWith("-") && argument.length() > 2 && argument.charAt(1) != '-') {
      start.file(argument.substring(2)).ifPresent(files::add);
    }
    return files;
  }

  /** The configuration of a program of this name, where there is one. */
  private static Set<ImageFile> usual(String name, Start start) {
    var files = new LinkedHashSet<ImageFile>();
    var reason = Reason.likely("the configuration of " + name);
    for (String root : CONFIGURATION_ROOTS) {
      for (String place :
          List.of(
              "/%s.conf",
              "/%s/%s.conf", "/%s/conf/%s.conf", "/%s.cfg", "/%s/%s.cfg", "/%s/config")) {
        start
            .image()
            .file(root + place.replace("%s", name))
            .filter(file -> file.size() <= SMALL)
            .ifPresent(file -> {
              start.reads(file, reason);
              files.add(file);
            });
      }
    }
    if (files.isEmpty()) {
      start
          .image()
          .directory("/etc/" + name)
          .ifPresent(directory ->
              directory.children().values().stream()
                  .filter(file -> file.isRegular() && file.size() <= SMALL)
                  .forEach(file -> {
                    start.reads(file, Reason.possible("in the directory of " + name));
                    files.add(file);
                  }));
    }
    return files;
  }
}
