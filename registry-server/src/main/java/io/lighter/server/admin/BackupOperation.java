package io.lighter.server.admin;

import io.lighter.storage.BackupReport;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/** {@code POST /admin/backup?directory=…}: makes a backup on the server's machine. */
public final class BackupOperation implements AdminOperation {
  private final Function<Path, BackupReport> backup;
  private final ReentrantLock running = new ReentrantLock();

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
    if (!running.tryLock()) {
      throw new AdminException.Busy("a backup is being made already");
    }
    try {
      answer.accept(backup.apply(target));
    } catch (IllegalArgumentException e) {
      throw new AdminException.Invalid(String.valueOf(e.getMessage()));
    } finally {
      running.unlock();
    }
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
}
