package io.lighter.server;

/**
 * A configuration that cannot be started with. The message names the key, the value and what is
 * allowed.
 */
public final class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  ConfigException(String message) {
    super(message);
  }

  ConfigException(String key, Object value, String allowed) {
    super("%s: \"%s\" is not allowed; allowed: %s".formatted(key, value, allowed));
  }
}
