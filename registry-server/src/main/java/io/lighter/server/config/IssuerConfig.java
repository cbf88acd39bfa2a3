package io.lighter.server.config;

import io.lighter.server.access.IssuerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Somebody whose tokens are believed, as it is configured.
 *
 * @param name what stands with a colon in front of his users and groups in rules
 * @param issuer the {@code iss} of his tokens
 * @param keys where his keys are; he is asked if it is not said
 * @param audience for whom tokens have to be; {@code lighter} if it is not said
 * @param userClaim claim that names the user; {@code sub} if it is not said
 * @param groupsClaim claim that lists his groups; {@code groups} if it is not said
 * @param caCertificates file of authorities that are trusted beside the system's
 * @param bearerFile file of a token that the keys are fetched with
 */
public record IssuerConfig(
    String name,
    URI issuer,
    Optional<URI> keys,
    Optional<String> audience,
    Optional<String> userClaim,
    Optional<String> groupsClaim,
    Optional<Path> caCertificates,
    Optional<Path> bearerFile) {

  public IssuerConfig {
    if (!name.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "name: \"%s\" is not allowed; allowed: small letters, digits and -".formatted(name));
    }
    if (keys.isEmpty() || !"file".equals(keys.get().getScheme())) {
      checkSafe(keys.isPresent() ? "keys" : "issuer", keys.orElse(issuer));
    }
  }

  /** Whoever can change the keys on the way can be anybody. */
  private static void checkSafe(String key, URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    String host = String.valueOf(address.getHost());
    boolean safe =
        scheme.equals("https")
            || (scheme.equals("http")
                && !host.equals("null")
                && new ListenAddress(host, 1).isLoopback());
    if (!safe) {
      throw new IllegalArgumentException(
          "%s: \"%s\" is not allowed; allowed: https://…, http://… on the loopback%s"
              .formatted(key, address, key.equals("keys") ? ", file:///…" : " or with keys"));
    }
  }

  IssuerSettings settings() {
    return new IssuerSettings(
        name,
        issuer.toString(),
        keys,
        audience.orElse("lighter"),
        userClaim.orElse("sub"),
        groupsClaim.orElse("groups"),
        caCertificates,
        bearerFile);
  }
}
