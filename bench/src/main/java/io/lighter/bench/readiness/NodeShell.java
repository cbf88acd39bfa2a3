package io.lighter.bench.readiness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Runs programs of the node where the node's files are. Blocks. */
interface NodeShell {
  /**
   * Runs a command to its end.
   *
   * @param limit after which the command is ended and counts as failed
   */
  Outcome run(Duration limit, List<String> command);

  /** Where this process finds a file of the node. */
  Path file(String path);

  /**
   * How a command ended.
   *
   * @param code its exit code
   * @param output what it printed
   * @param errors what it printed where errors are said, and warnings
   */
  record Outcome(int code, String output, String errors) {
    boolean succeeded() {
      return code == 0;
    }

    /** All that it said, for messages. */
    String said() {
      return (errors.strip() + '\n' + output.strip()).strip();
    }
  }
}
