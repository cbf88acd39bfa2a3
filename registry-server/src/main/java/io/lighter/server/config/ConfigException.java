package io.lighter.server.config;

/**
 * A configuration that cannot be started with. The message names the key, the value and what is
 * allowed.
 */
public final class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String reason;

  public ConfigException(String message) {
    super(message);
    this.key = "";
    this.reason = message;
  }

  ConfigException(String key, Object value, String allowed) {
    this(key, "", "\"%s\" is not allowed; allowed: %s".formatted(value, allowed));
  }

  private ConfigException(String key, String origin, String reason) {
    super(key + (origin.isEmpty() ? "" : " (" + origin + ")") + ": " + reason);
    this.key = key;
    this.reason = reason;
  }

  /** What is wrong with the value of a key, in other words than the usual ones. */
  static ConfigException at(String key, String reason) {
    return new ConfigException(key, "", reason);
  }

  /** Full path of the key; empty if it is not about one. */
  String key() {
    return key;
  }

  /** The same, with the file, variable or option that the value came from. */
  ConfigException from(String origin) {
    return key.isEmpty() ? this : new ConfigException(key, origin, reason);
  }
}
