package io.lighter.server.command;

import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ConfigReport;
import io.lighter.server.config.ConfigTree;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lighter config check}: whether a server would start with it, and with what. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the configuration that \"serve\" with the same options would have,",
      "and where each value comes from that is not a default."
    })
public final class ConfigCheckCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // The command line sets what is annotated.
  ConfigCheckCommand() {}

  @Override
  public Integer call() {
    ConfigTree tree = ConfigLoader.read(options.values(), System.getenv());
    ConfigLoader.check(tree).requireFiles();
    var out = spec.commandLine().getOut();
    out.print(new ConfigReport(tree));
    out.flush();
    return 0;
  }
}
