package io.lighter.server;

import picocli.CommandLine.Command;

/** {@code lighter config}: what has to do with the configuration. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Looks at the configuration.",
    subcommands = ConfigCheckCommand.class)
final class ConfigCommand {}
