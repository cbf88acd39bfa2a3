package io.lighter.server.admin;

import io.lighter.oci.InvalidReferenceException;
import io.lighter.server.content.ImageName;
import java.util.Map;
import java.util.Optional;

/**
 * A request to the admin API.
 *
 * @param method one of those that the operation answers
 * @param parameters values of the query by name
 * @param body of the length that the operation takes, or empty
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, never compared.
public record AdminRequest(String method, Map<String, String> parameters, byte[] body) {

  public AdminRequest {
    parameters = Map.copyOf(parameters);
  }

  /** A parameter's value, if it was given. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /**
   * An image.
   *
   * @throws AdminException.Invalid if it was not given, or is none
   */
  public ImageName image(String name) {
    try {
      return ImageName.parse(
          text(name)
              .orElseThrow(() ->
                  new AdminException.Invalid(
                      "%s is missing; allowed: a name such as docker.io/library/nginx:1.27"
                          .formatted(name))));
    } catch (InvalidReferenceException e) {
      throw new AdminException.Invalid(name + ": " + e.getMessage());
    }
  }

  /**
   * A whole number.
   *
   * @param otherwise what it is if it was not given
   * @throws AdminException.Invalid if it is something else, or not from 1 to {@code most}
   */
  public int number(String name, int otherwise, int most) {
    String text = parameters.getOrDefault(name, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Refused below.
    }
    throw new AdminException.Invalid(
        "%s: \"%s\" is not allowed; allowed: a whole number from 1 to %d"
            .formatted(name, text, most));
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
