package io.lighter.server;

import io.lighter.server.command.ConfigOptions;
import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ServerConfig;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
    ServerConfig loaded = ConfigLoader.load(options.values(), System.getenv());
    loaded.requireFiles();
    loaded.logging().format().install(loaded.logging().access());
    var application = Application.start(loaded);
    // SIGTERM and Ctrl-C run this hook. Without the halt the exit code would say "killed", although
    // everything ended in order.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  application.close();
                  Runtime.getRuntime().halt(0);
                }));
    new CountDownLatch(1).await();
    return 0;
  }
}
