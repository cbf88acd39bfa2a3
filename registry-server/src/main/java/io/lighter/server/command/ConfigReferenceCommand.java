package io.lighter.server.command;

import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ConfigReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lighter config reference}: what every key is for. */
@Command(
    name = "reference",
    mixinStandardHelpOptions = true,
    description = {
      "Prints all keys of the configuration in Markdown: variable, option, default, allowed values,",
      "whether a reload takes a change up, and what it is for."
    })
public final class ConfigReferenceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "Document that has the reference, in which it is replaced instead.")
  private @Nullable Path document;

  @Override
  public Integer call() {
    if (document == null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(ConfigReference.markdown());
      out.flush();
      return 0;
    }
    try {
      Files.writeString(document, ConfigReference.into(Files.readString(document)));
    } catch (IOException e) {
      throw new ConfigException("%s cannot be written: %s".formatted(document, e.getMessage()));
    }
    return 0;
  }
}
