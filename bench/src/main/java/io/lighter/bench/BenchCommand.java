package io.lighter.bench;

import io.lighter.bench.readiness.ReadinessCommand;
import picocli.CommandLine.Command;

/** {@code lighter bench}: the command above all benchmarks. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures registries the way lazy clients use them.",
    subcommands = {
      RangeCommand.class,
      LazyCommand.class,
      ReplayCommand.class,
      ManifestCommand.class,
      UploadCommand.class,
      ReadinessCommand.class,
      CompareCommand.class,
      ChartCommand.class
    })
public final class BenchCommand {}
