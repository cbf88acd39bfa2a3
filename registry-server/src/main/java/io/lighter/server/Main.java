package io.lighter.server;

import io.lighter.bench.BenchCommand;
import io.lighter.bench.load.BenchException;
import io.lighter.node.NodeException;
import io.lighter.node.command.NodeCommand;
import io.lighter.server.admin.AdminException;
import io.lighter.server.command.BackupCommand;
import io.lighter.server.command.CompletionCommand;
import io.lighter.server.command.ConfigCommand;
import io.lighter.server.command.ConversionsCommand;
import io.lighter.server.command.EvictCommand;
import io.lighter.server.command.GcCommand;
import io.lighter.server.command.ImagesCommand;
import io.lighter.server.command.InvalidateCommand;
import io.lighter.server.command.PrefetchListCommand;
import io.lighter.server.command.PullCommand;
import io.lighter.server.command.ReachCommand;
import io.lighter.server.command.RestoreCommand;
import io.lighter.server.command.StartException;
import io.lighter.server.command.UpstreamsCommand;
import io.lighter.server.command.VerifyCommand;
import io.lighter.server.command.Version;
import io.lighter.server.command.image.ConvertCommand;
import io.lighter.server.command.image.ConvertException;
import io.lighter.server.command.image.StartsetCommand;
import io.lighter.server.config.ConfigException;
import io.lighter.server.forward.ForwardCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of Lighter. */
@Command(
    name = "lighter",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "An OCI registry and pull-through cache that makes images lazy by itself.",
    subcommands = {
      ServeCommand.class,
      VerifyCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      GcCommand.class,
      EvictCommand.class,
      InvalidateCommand.class,
      PullCommand.class,
      PrefetchListCommand.class,
      ImagesCommand.class,
      ConversionsCommand.class,
      UpstreamsCommand.class,
      ConvertCommand.class,
      StartsetCommand.class,
      BenchCommand.class,
      ForwardCommand.class,
      ReachCommand.class,
      NodeCommand.class,
      ConfigCommand.class,
      CompletionCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) throws InterruptedException {
    var serve = ServeArguments.parse(List.of(arguments));
    if (serve.isPresent()) {
      System.exit(Serving.orExplain(serve.get()));
    }
    CommandLine commandLine = commandLine();
    if (arguments.length == 0) {
      commandLine.usage(System.out);
      System.exit(CommandLine.ExitCode.USAGE);
    }
    System.exit(commandLine.execute(arguments));
  }

  /** All commands. */
  static CommandLine commandLine() {
    return explaining(new CommandLine(new Main()));
  }

  /** What the operator can mend is told in one line, anything else with a trace. */
  private static CommandLine explaining(CommandLine commands) {
    return commands.setExecutionExceptionHandler((failure, command, _) -> {
      boolean explained =
          failure instanceof ConfigException
              || failure instanceof StartException
              || failure instanceof AdminException
              || failure instanceof ConvertException
              || failure instanceof BenchException
              || failure instanceof NodeException;
      if (!explained) {
        throw failure;
      }
      command.getErr().println("lighter: " + failure.getMessage());
      return command.getCommandSpec().exitCodeOnExecutionException();
    });
  }
}
