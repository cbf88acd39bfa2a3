package io.lighter.node.host;

import java.time.Duration;
import java.util.List;

/** Runs programs of the host in the host's own namespaces. */
public interface HostCommands {
  /**
   * Runs a command to its end; blocks.
   *
   * @param command the program, found on the host's path, and its arguments
   * @param limit after which the command is ended and counts as failed
   */
  Outcome run(Duration limit, List<String> command);

  /**
   * How a command ended.
   *
   * @param code its exit code; {@link #NOT_FOUND} if there is no such program
   * @param output what it printed, on both streams
   */
  record Outcome(int code, String output) {
    /** What a shell answers for a program that it does not find. */
    public static final int NOT_FOUND = 127;

    public boolean succeeded() {
      return code == 0;
    }
  }
}
