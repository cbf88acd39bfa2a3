package io.lighter.node.command;

import picocli.CommandLine.Command;

/** {@code lighter node}: the command above all that a node needs. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Makes the container runtime of a node pull through Lighter, and undoes it.",
    subcommands = {
      SetupCommand.class,
      RunCommand.class,
      StatusCommand.class,
      RemoveCommand.class,
      AwaitRemovalCommand.class
    })
public final class NodeCommand {}
