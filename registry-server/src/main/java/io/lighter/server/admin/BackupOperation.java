package io.lighter.server.admin;

import io.lighter.storage.BackupReport;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * {@code POST /admin/backup?directory=…}: makes a backup on the server's machine. Says every few
 * seconds how long it has taken, and at its end what is in it. A client that leaves does not end
 * it.
 */
public final class BackupOperation implements AdminOperation {
  private static final long SAY_EVERY_SECONDS = 10;

  private final Function<Path, BackupReport> backup;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param backup writes a backup into a new directory; throws {@link IllegalArgumentException} if
   *     the directory cannot be used
   */
  public BackupOperation(Function<Path, BackupReport> backup) {
    this.backup = backup;
  }

  @Override
  public String name() {
    return "backup";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("directory");
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    Path target = directory(request);
    if (!running.compareAndSet(false, true)) {
      throw new AdminException.Busy("a backup is being made already");
    }
    var result = new FutureTask<>(() -> backup.apply(target));
    Thread.ofVirtual()
        .name("backup")
        .start(() -> {
          try {
            result.run();
          } finally {
            running.set(false);
          }
        });
    answer.accept(await(result, answer));
  }

  /** A connection on which nothing is said is closed after some time. */
  private static BackupReport await(FutureTask<BackupReport> result, Consumer<Record> answer) {
    for (long seconds = SAY_EVERY_SECONDS; ; seconds += SAY_EVERY_SECONDS) {
      try {
        return result.get(SAY_EVERY_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException _) {
        answer.accept(new Progress(seconds));
      } catch (ExecutionException e) {
        throw failure(e);
      } catch (InterruptedException e) {
        result.cancel(true);
        Thread.currentThread().interrupt();
        throw new AdminException.Busy("the server is stopping");
      }
    }
  }

  private static RuntimeException failure(ExecutionException wrapped) {
    return switch (wrapped.getCause()) {
      case IllegalArgumentException e -> new AdminException.Invalid(String.valueOf(e.getMessage()));
      case RuntimeException e -> e;
      case null, default -> new IllegalStateException(wrapped);
    };
  }

  private static Path directory(AdminRequest request) {
    String text =
        request
            .text("directory")
            .orElseThrow(
                () -> new AdminException.Invalid("directory: missing; allowed: an absolute path"));
    try {
      Path directory = Path.of(text);
      if (directory.isAbsolute()) {
        return directory;
      }
    } catch (InvalidPathException _) {
      // Refused with the others.
    }
    throw new AdminException.Invalid(
        "directory: \"%s\" is not allowed; allowed: an absolute path".formatted(text));
  }

  private record Progress(long seconds) {}
}
