package io.lighter.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * How far something long has come, in one line of a terminal that is written over again and again.
 * Where there is no terminal there is no bar: whoever reads a log wants lines. For one thread.
 */
final class ProgressBar {
  private static final int CELLS = 24;

  /** What is behind a line that was longer goes with it (ECMA-48, EL). */
  private static final String OVER = "\r\033[K";

  private final PrintWriter terminal;
  private boolean drawn;

  ProgressBar(PrintWriter terminal) {
    this.terminal = terminal;
  }

  /** A bar if somebody looks on. */
  @SuppressWarnings("SystemConsoleNull") // It does where input or output is none, from JDK 25 on.
  static Optional<ProgressBar> onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal()
        ? Optional.of(new ProgressBar(new PrintWriter(System.err, true, UTF_8)))
        : Optional.empty();
  }

  /**
   * Shows that so many of so many are done.
   *
   * @param of more than 0
   */
  void show(long done, long of, String text) {
    int full = (int) (CELLS * Math.min(done, of) / of);
    show(
        String.format(
            Locale.ROOT,
            "[%s%s] %d/%d  %s",
            "#".repeat(full),
            ".".repeat(CELLS - full),
            done,
            of,
            text));
  }

  /** Shows how far it has come where nobody knows how far it is. */
  void show(String text) {
    terminal.print(OVER + text);
    terminal.flush();
    drawn = true;
  }

  /** Takes the line away, so that others can be printed. */
  void clear() {
    if (drawn) {
      terminal.print(OVER);
      terminal.flush();
      drawn = false;
    }
  }
}
