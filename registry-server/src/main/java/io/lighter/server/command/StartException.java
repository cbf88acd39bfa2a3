package io.lighter.server.command;

import io.lighter.server.config.ListenAddress;
import io.lighter.storage.StorageException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The server cannot start for a reason that the operator can mend. The message says which. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** A store that is there, and cannot be read. */
  public static StartException damaged(Path directory, StorageException.Corrupt failure) {
    return new StartException(
        "%s; nothing was changed. Put a backup in its place (lighter restore BACKUP --data DIR), or start with an empty directory: what is mirrored comes again, what was pushed to %s has to be pushed again"
            .formatted(String.valueOf(failure.getMessage()).replaceFirst("[. ]+$", ""), directory),
        failure);
  }

  /**
   * An address that cannot be listened on.
   *
   * @param key which key of the configuration it stands under
   * @param failure has as its cause what the system said
   */
  public static StartException cannotListen(String key, ListenAddress address, Exception failure) {
    return new StartException(
        "%s: cannot listen on %s: %s".formatted(key, address, reason(key, failure.getCause())),
        failure);
  }

  private static String reason(String key, @Nullable Throwable cause) {
    String system = cause == null ? "" : String.valueOf(cause.getMessage());
    String elsewhere =
        key.equals("http.listen")
            ? "another address with --listen HOST:PORT or http.listen"
            : "another address with " + key;
    if (cause instanceof UnknownHostException) {
      return "its host name cannot be resolved; choose " + elsewhere;
    }
    if (system.contains("Address already in use")) {
      return "another program listens there already; stop it, or choose " + elsewhere;
    }
    if (system.contains("Cannot assign requested address")) {
      return "this machine does not have that address; choose " + elsewhere;
    }
    if (system.contains("Permission denied")) {
      return "the user of this process may not; choose a port from 1024 on, or " + elsewhere;
    }
    return system + "; choose " + elsewhere;
  }
}
