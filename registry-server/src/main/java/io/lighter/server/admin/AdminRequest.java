package io.lighter.server.admin;

import java.util.Map;
import java.util.Optional;

/**
 * The query parameters of a request to the admin API.
 *
 * @param parameters values by name
 */
public record AdminRequest(Map<String, String> parameters) {

  public AdminRequest {
    parameters = Map.copyOf(parameters);
  }

  /** A parameter's value, if it was given. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /**
   * A switch; off if it was not given.
   *
   * @throws AdminException.Invalid if it is neither true nor false
   */
  public boolean flag(String name) {
    return switch (parameters.getOrDefault(name, "false")) {
      case "true" -> true;
      case "false" -> false;
      case String other ->
          throw new AdminException.Invalid(
              "%s: \"%s\" is not allowed; allowed: true, false".formatted(name, other));
    };
  }
}
