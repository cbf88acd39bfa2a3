package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Has programs executed that are no part of the shell, and knows what some of them do. */
final class Programs {

  /** They nearly always succeed where they are there. */
  private static final Set<String> SUCCEED =
      Set.of(
          "mkdir",
          "chmod",
          "chown",
          "chgrp",
          "cp",
          "mv",
          "ln",
          "touch",
          "rm",
          "rmdir",
          "sed",
          "tee",
          "install",
          "sleep",
          "mkfifo",
          "sync",
          "date",
          "sort",
          "find",
          "tr",
          "cut",
          "awk",
          "head",
          "tail",
          "cat",
          "basename",
          "dirname",
          "id",
          "uname",
          "ls",
          "env",
          "xargs",
          "nproc",
          "hostname",
          "stat",
          "wc",
          "uniq",
          "run-parts",
          "setcap",
          "locale-gen",
          "printenv");

  /** They change the files that their arguments name. */
  private static final Set<String> CHANGE =
      Set.of("mkdir", "cp", "mv", "ln", "touch", "rm", "rmdir", "tee", "install", "mkfifo", "sed");

  /** Their first operand may not be missing, or the next would be taken for it. */
  private static final Set<String> COUNTING =
      Set.of("gosu", "su-exec", "chroot", "s6-setuidgid", "timeout", "setpriv", "runuser", "su");

  private final Interpreter interpreter;
  private final Start start;

  Programs(Interpreter interpreter, Start start) {
    this.interpreter = interpreter;
    this.start = start;
  }

  /** Executes a program whose name is known; of its arguments, what is known of them. */
  void execute(List<String> words, State state) {
    String name = Paths.name(words.getFirst());
    var known = new ArrayList<String>();
    for (String word : words) {
      if (!Unknown.in(word)) {
        known.add(word);
      } else if (COUNTING.contains(name) && known.size() == 1) {
        known.add("unknown");
      }
    }
    Start seen = interpreter.seenFrom(state);
    boolean there = run(known, seen, state);
    if (CHANGE.contains(name)) {
      words.subList(1, words.size()).forEach(state::changes);
    }
    if (!there) {
      state.status = state.mayHaveChanged(words.getFirst()) ? Truth.UNKNOWN : Truth.FALSE;
      return;
    }
    state.status = SUCCEED.contains(name) ? Truth.TRUE : Truth.UNKNOWN;
    var written = new KnownPrograms(interpreter, seen, start, state);
    if (!written.run(name, words.subList(1, words.size()))) {
      state.output.unknown();
    }
  }

  /** A text without a first line that names its interpreter is run by the shell itself. */
  private boolean run(List<String> words, Start seen, State state) {
    Optional<ImageFile> file =
        seen.which(words.getFirst()).flatMap(path -> start.image().file(path));
    if (file.isPresent() && isPlainText(file.get())) {
      start.reads(file.get(), interpreter.reason(state));
      State inner = state.copy();
      inner.output = new Output();
      inner.positional = List.copyOf(words.subList(1, words.size()));
      interpreter.source(file.get(), words.getFirst(), inner);
      return true;
    }
    return seen.execute(words, interpreter.reason(state));
  }

  private boolean isPlainText(ImageFile file) {
    String begin = start.text(file, 4);
    return !begin.isEmpty()
        && !begin.startsWith("#!")
        && begin
            .chars()
            .allMatch(c -> (c >= ' ' && c < 127) || c == '\n' || c == '\t' || c == '\r');
  }
}
