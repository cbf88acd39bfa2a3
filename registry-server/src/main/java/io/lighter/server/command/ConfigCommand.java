package io.lighter.server.command;

import picocli.CommandLine.Command;

/** {@code lighter config}: what has to do with the configuration. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Looks at the configuration, and has it read again.",
    subcommands = {
      ConfigCheckCommand.class,
      ConfigReloadCommand.class,
      ConfigReferenceCommand.class
    })
public final class ConfigCommand {}
