package io.lighter.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users and what is stored of their passwords. Immutable. */
final class Accounts {
  static final Accounts NONE = new Accounts(Map.of());

  private final Map<String, PasswordHash> byName;

  private Accounts(Map<String, PasswordHash> byName) {
    this.byName = byName;
  }

  /**
   * Reads a file as {@code htpasswd -B} writes it.
   *
   * @throws IllegalArgumentException if a line is something else; says which, and not what it holds
   */
  static Accounts parse(byte[] content) {
    var byName = new LinkedHashMap<String, PasswordHash>();
    List<String> lines = new String(content, UTF_8).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new IllegalArgumentException("line %d is not NAME:HASH".formatted(i + 1));
      }
      String name = line.substring(0, colon);
      if (name.equals(AccessRule.ANYBODY) || name.equals(AccessRule.KNOWN)) {
        throw new IllegalArgumentException(
            "line %d: \"%s\" means others in rules; choose another name".formatted(i + 1, name));
      }
      try {
        byName.put(name, PasswordHash.parse(line.substring(colon + 1)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line %d has %s".formatted(i + 1, e.getMessage()), e);
      }
    }
    return new Accounts(Map.copyOf(byName));
  }

  Optional<PasswordHash> hash(String user) {
    return Optional.ofNullable(byName.get(user));
  }

  /** What the password of a user who does not exist is compared with, and never matches. */
  PasswordHash decoy() {
    return byName.values().stream().findFirst().orElseGet(PasswordHash::decoy);
  }

  int size() {
    return byName.size();
  }
}
