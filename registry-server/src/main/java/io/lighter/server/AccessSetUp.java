package io.lighter.server;

import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessTerms;
import io.lighter.server.command.StartException;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.watch.FileSnapshot;
import io.lighter.server.watch.FileWatch;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Access control as it is configured, with the file of users looked after. */
final class AccessSetUp {
  private static final Logger LOG = LoggerFactory.getLogger(AccessSetUp.class);

  private AccessSetUp() {}

  /**
   * Reads the users, if there is a file of them, and follows what becomes of it.
   *
   * @param terms by which access is decided, which may be replaced
   * @throws StartException if the file cannot be read or has something wrong in it
   */
  static AccessControl open(
      ServerConfig config, Supplier<AccessTerms> terms, FileWatch files, Clock clock) {
    try {
      return config
          .access()
          .users()
          .map(file -> followed(file, terms, files, clock))
          .orElseGet(() -> new AccessControl(terms, Optional.empty(), clock));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new StartException("access.htpasswd: " + e.getMessage(), e);
    }
  }

  private static AccessControl followed(
      Path file, Supplier<AccessTerms> terms, FileWatch files, Clock clock) {
    var users = FileSnapshot.of(List.of(file));
    var access = new AccessControl(terms, Optional.of(users.bytes(file)), clock);
    files.watch(
        users,
        changed -> {
          access.replaceAccounts(changed.bytes(file));
          LOG.info("access.htpasswd: users were replaced");
        });
    return access;
  }
}
