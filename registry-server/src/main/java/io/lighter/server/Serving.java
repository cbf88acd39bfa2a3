package io.lighter.server;

import io.lighter.server.command.StartException;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.ConfigLoader;
import io.lighter.server.config.ServerConfig;
import io.lighter.storage.StorageException;
import io.lighter.storage.rocksdb.NativeLibrary;
import java.util.concurrent.CountDownLatch;

/** A process that serves until it is told to stop. */
final class Serving {
  private Serving() {}

  /**
   * Starts a server and stays until a signal ends the process.
   *
   * @throws ConfigException if the configuration cannot be started with
   * @throws StartException if the server cannot start for a reason that the operator can mend
   */
  static int untilStopped(ConfigLoader.CommandLine options) throws InterruptedException {
    // A second core has nothing to do yet. Nothing there may log: logging is not set up.
    Thread.ofPlatform().name("prepare").daemon().start(Serving::prepare);
    ServerConfig loaded = ConfigLoader.load(options, System.getenv());
    loaded.requireFiles();
    loaded.logging().format().install(loaded.logging().access());
    var application = Application.start(loaded, () -> ConfigLoader.load(options, System.getenv()));
    options.file().ifPresent(application::follow);
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

  /** Like {@link #untilStopped}, and tells what is wrong as the command line does. */
  static int orExplain(ConfigLoader.CommandLine options) throws InterruptedException {
    try {
      return untilStopped(options);
    } catch (ConfigException | StartException e) {
      System.err.println("lighter: " + e.getMessage());
      return 1;
    }
  }

  private static void prepare() {
    try {
      NativeLibrary.load();
    } catch (StorageException _) {
      // Opening the store fails in the same way, where somebody hears it.
    }
  }
}
