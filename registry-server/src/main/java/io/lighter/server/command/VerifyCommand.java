package io.lighter.server.command;

import io.lighter.server.admin.AdminClient;
import io.lighter.server.config.ConfigException;
import io.lighter.server.config.DataSize;
import io.lighter.server.verify.Damage;
import io.lighter.server.verify.Verification;
import io.lighter.storage.Throttle;
import io.lighter.storage.VerificationPass;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter verify}: has everything that is stored checked, and prints what is damaged. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks everything that is stored against its digests, and every name against what it names.",
      "Continues the verification that was stopped, if one was. What is damaged is set aside.",
      "Exit code: 0 if nothing is damaged, 1 if something is or the verification did not end."
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration REPORT_EVERY = Duration.ofSeconds(10);
  private static final String UNLIMITED = "unlimited";

  @Mixin private AdminTarget target = new AdminTarget();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory of a server that does not run; nothing is asked of a server.")
  private @Nullable Path data;

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      defaultValue = "50MiB",
      description = "Read at most this much in a second, or \"unlimited\". Default: 50MiB")
  private String rate = "50MiB";

  @Option(names = "--restart", description = "Begin anew, whatever was verified already.")
  private boolean restart;

  private final Optional<ProgressBar> bar = ProgressBar.onTerminal();
  private long reportedAt = System.nanoTime();
  private @Nullable VerificationPass result;

  /**
   * Understands a rate.
   *
   * @param text a size, {@code unlimited}, or empty for what this command does by default
   * @throws IllegalArgumentException if it is something else
   */
  public static long bytesPerSecond(String text) {
    if (text.equals(UNLIMITED)) {
      return Throttle.UNLIMITED;
    }
    long bytes = DataSize.parse(text.isEmpty() ? "50MiB" : text).bytes();
    if (bytes == 0) {
      throw new IllegalArgumentException("0 is not allowed; allowed: 1B or more, or unlimited");
    }
    return bytes;
  }

  @Override
  public Integer call() {
    if (data == null) {
      askServer();
    } else {
      verify(data);
    }
    bar.ifPresent(ProgressBar::clear);
    if (result == null || result.phase() != VerificationPass.Phase.FINISHED) {
      System.err.println("lighter: the verification was stopped; run it again to continue");
      return 1;
    }
    System.out.printf(
        "verified %d blobs (%s), %d manifests, %d repositories: %d damaged%n",
        result.blobs(),
        new DataSize(result.bytes()),
        result.manifests(),
        result.repositories(),
        result.damage());
    return result.damage() == 0 ? 0 : 1;
  }

  private void askServer() {
    var parameters = new HashMap<String, String>();
    parameters.put("rate", rate);
    parameters.put("restart", Boolean.toString(restart));
    try (AdminClient client = target.connect()) {
      client.call("verify", parameters, this::take);
    }
  }

  private void take(JsonNode line) {
    if (line.has("damage")) {
      damaged(JSON.treeToValue(line.get("damage"), Damage.class));
    } else if (line.has("progress")) {
      progressed(JSON.treeToValue(line.get("progress"), VerificationPass.class));
    } else {
      result = JSON.treeToValue(line.get("result"), VerificationPass.class);
    }
  }

  private void verify(Path directory) {
    long bytesPerSecond;
    try {
      bytesPerSecond = bytesPerSecond(rate);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--rate: " + e.getMessage());
    }
    try (var store = OfflineStore.open(directory)) {
      result =
          store
              .verification()
              .run(
                  Verification.Origin.OPERATOR,
                  restart,
                  bytesPerSecond,
                  new Verification.Listener() {
                    @Override
                    public void damaged(Damage damage) {
                      VerifyCommand.this.damaged(damage);
                    }

                    @Override
                    public void progressed(VerificationPass pass) {
                      VerifyCommand.this.progressed(pass);
                    }
                  });
    }
  }

  private void damaged(Damage damage) {
    bar.ifPresent(ProgressBar::clear);
    System.out.println(damage.text());
  }

  private void progressed(VerificationPass pass) {
    String sofar =
        "verified %d blobs (%s) so far".formatted(pass.blobs(), new DataSize(pass.bytes()));
    if (bar.isPresent()) {
      bar.get().show(sofar);
    } else if (System.nanoTime() - reportedAt >= REPORT_EVERY.toNanos()) {
      reportedAt = System.nanoTime();
      System.err.println(sofar);
    }
  }
}
