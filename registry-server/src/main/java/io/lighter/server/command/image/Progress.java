package io.lighter.server.command.image;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * One line on a terminal that says what is being done and how far it is, below what stays. Without
 * a terminal nothing is written. For one thread.
 */
final class Progress {
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final double MEBIBYTE = 1 << 20;

  private final PrintStream out;
  private final boolean terminal;
  private String task = "";
  private long total;
  private long done;
  private long shownAt = System.nanoTime();
  private int width;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Progress on standard error, if that is a terminal. */
  static Progress onTerminal() {
    return new Progress(System.err, isTerminal(Path.of("/proc/self/fd/2")));
  }

  private static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      // Not Linux. Java can say of standard input and output only whether both are terminals.
      return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
  }

  /**
   * Begins a task.
   *
   * @param bytes how many there are; 0 if that is not known
   */
  void begin(String what, long bytes) {
    task = what;
    total = bytes;
    done = 0;
    show();
  }

  /** Bytes were read. */
  void advance(long bytes) {
    done += bytes;
    if (terminal && System.nanoTime() - shownAt > EVERY.toNanos()) {
      show();
    }
  }

  /** Says something that stays. */
  void say(String text) {
    end();
    if (terminal) {
      out.println(text);
    }
  }

  /** Removes the line. */
  void end() {
    if (terminal && width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }

  private void show() {
    if (!terminal) {
      return;
    }
    shownAt = System.nanoTime();
    String amount =
        total > 0
            ? String.format(Locale.ROOT, "%.1f of %.1f MiB", done / MEBIBYTE, total / MEBIBYTE)
            : String.format(Locale.ROOT, "%.1f MiB", done / MEBIBYTE);
    String line = task + "  " + amount;
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    out.flush();
    width = line.length();
  }
}
