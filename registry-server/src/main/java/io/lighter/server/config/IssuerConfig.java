package io.lighter.server.config;

import io.lighter.server.access.IssuerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Somebody whose tokens are believed, as it is configured. */
public record IssuerConfig(
    @Key(
            "what stands with a colon in front of his users and groups in rules; small letters, digits and `-`")
        String name,
    @Key("the `iss` of his tokens; `https://…`, or `http://…` on the loopback or with `keys`")
        URI issuer,
    @Key(value = "address of his JWKS, or `file:///…`", shown = "the issuer is asked")
        Optional<URI> keys,
    @Key(value = "for whom tokens have to be", shown = "`lighter`") Optional<String> audience,
    @Key(value = "claim that names the user", shown = "`sub`") Optional<String> userClaim,
    @Key(value = "claim that lists his groups", shown = "`groups`") Optional<String> groupsClaim,
    @Key(
            value =
                "PEM file of authorities that are trusted beside the system's when keys are fetched",
            shown = "none")
        Optional<Path> caCertificates,
    @Key(value = "file of a token to fetch the keys with; read each time", shown = "none")
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
