package io.lighter.bench.readiness;

import io.lighter.bench.load.BenchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The {@code ctr} of a node, in one namespace. */
final class Ctr {
  private final NodeShell shell;
  private final ContainerdOptions options;
  private final String namespace;

  Ctr(NodeShell shell, ContainerdOptions options) {
    this(shell, options, options.namespace());
  }

  private Ctr(NodeShell shell, ContainerdOptions options, String namespace) {
    this.shell = shell;
    this.options = options;
    this.namespace = namespace;
  }

  /** The same in another namespace. */
  Ctr in(String other) {
    return new Ctr(shell, options, other);
  }

  NodeShell.Outcome run(Duration limit, String... arguments) {
    return shell.run(limit, command(arguments));
  }

  /**
   * Runs a command that has to succeed.
   *
   * @throws BenchException if it does not
   */
  NodeShell.Outcome must(Duration limit, String... arguments) {
    NodeShell.Outcome outcome = run(limit, arguments);
    if (!outcome.succeeded()) {
      throw failure(command(arguments), outcome);
    }
    return outcome;
  }

  /** What a command prints that has to succeed. */
  List<String> lines(Duration limit, String... arguments) {
    return must(limit, arguments).output().lines().filter(line -> !line.isBlank()).toList();
  }

  static BenchException failure(List<String> command, NodeShell.Outcome outcome) {
    return new BenchException(
        "%s: exit code %d: %s"
            .formatted(String.join(" ", command), outcome.code(), outcome.said()));
  }

  private List<String> command(String... arguments) {
    var command = new ArrayList<String>();
    command.addAll(List.of(options.ctr(), "--address", options.address()));
    command.addAll(List.of("--namespace", namespace));
    command.addAll(List.of(arguments));
    return command;
  }
}
