package io.lighter.server;

import io.lighter.server.command.ConfigOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lighter serve}: runs the registry until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the registry. Without options: on 127.0.0.1:30500, with data in ./data.")
final class ServeCommand implements Callable<Integer> {

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Override
  public Integer call() throws InterruptedException {
    return Serving.untilStopped(options.values());
  }
}
