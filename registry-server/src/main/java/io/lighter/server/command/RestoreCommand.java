package io.lighter.server.command;

import io.lighter.server.config.DataSize;
import io.lighter.storage.BackupReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lighter restore}: makes a data directory out of a backup. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = "Makes a data directory out of a backup. Then: lighter serve --data TARGET")
public final class RestoreCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "The backup; it stays as it is.")
  private Path backup = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "TARGET",
      required = true,
      description = "The new data directory; missing or empty.")
  private Path target = Path.of("");

  @Override
  public Integer call() {
    BackupReport report = OfflineStore.restore(backup, target);
    System.out.printf(
        "%s: %d blobs (%s), as of %s%n",
        target, report.blobs(), new DataSize(report.bytes()), report.startedAt());
    return 0;
  }
}
