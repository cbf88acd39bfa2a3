package io.lighter.server.command;

import io.lighter.server.config.ConfigException;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter completion}: the script by which a shell completes commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the script by which a shell completes the commands and options of lighter:",
      "source <(lighter completion bash)"
    })
public final class CompletionCommand implements Callable<Integer> {

  private static final Set<String> SHELLS = Set.of("bash", "zsh");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private String shell = "";

  @Override
  public Integer call() {
    if (!SHELLS.contains(shell)) {
      throw new ConfigException(
          "completion: \"%s\" is not allowed; allowed: bash, zsh".formatted(shell));
    }
    // For both: its first lines see to it that zsh takes what follows, which is for bash.
    spec.commandLine().getOut().print(AutoComplete.bash("lighter", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
