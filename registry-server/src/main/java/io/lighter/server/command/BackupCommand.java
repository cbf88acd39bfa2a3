package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.DataSize;
import io.lighter.storage.BackupReport;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter backup}: copies the store, usually while a server uses it. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a backup of everything but unfinished uploads, while the server serves.",
      "The directory is one of the server's machine and must not exist."
    })
public final class BackupCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Mixin private AdminTarget target = new AdminTarget();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory of a server that does not run; nothing is asked of a server.")
  private @Nullable Path data;

  @Parameters(paramLabel = "DIR", description = "Where the backup goes.")
  private Path directory = Path.of("");

  private @Nullable BackupReport report;

  @Override
  public Integer call() {
    Path absolute = directory.toAbsolutePath().normalize();
    BackupReport made = data == null ? askServer(absolute) : copy(data, absolute);
    System.out.printf("%s: %d blobs (%s)%n", absolute, made.blobs(), new DataSize(made.bytes()));
    if (made.missing() > 0) {
      System.err.printf(
          "lighter: %d blobs are not in it, because the store has lost their files; lighter verify says which%n",
          made.missing());
      return 1;
    }
    return 0;
  }

  private BackupReport askServer(Path absolute) {
    try (AdminClient client = target.connect()) {
      client.call(
          "backup",
          Map.of("directory", absolute.toString()),
          line -> {
            if (line.has("blobs")) {
              report = JSON.treeToValue(line, BackupReport.class);
            }
          });
    }
    if (report == null) {
      throw new StartException("the server answered nothing", null);
    }
    return report;
  }

  private static BackupReport copy(Path data, Path absolute) {
    try (var store = OfflineStore.open(data)) {
      return store.backUp(absolute);
    }
  }
}
