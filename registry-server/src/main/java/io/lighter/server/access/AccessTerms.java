package io.lighter.server.access;

import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The settings by which access is decided, with what is made of them once. Replaced as a whole;
 * immutable but for the keys of issuers, which are fetched when they are needed. Thread-safe.
 */
public final class AccessTerms {
  private final AccessControl.Settings settings;
  private final List<Issuer> issuers;
  private final Rights open;

  private AccessTerms(AccessControl.Settings settings, List<Issuer> issuers) {
    this.settings = settings;
    this.issuers = issuers;
    this.open = new Rights(Caller.ANONYMOUS, settings.policy(), 0);
  }

  /**
   * Terms by these settings; nobody is asked for keys yet.
   *
   * @throws io.lighter.server.tls.TlsException if the authorities of an issuer are no certificates
   */
  public static AccessTerms of(AccessControl.Settings settings, Clock clock) {
    return new AccessTerms(
        settings, settings.issuers().stream().map(issuer -> new Issuer(issuer, clock)).toList());
  }

  /**
   * The terms after these, by other settings. Issuers that are among both keep their keys.
   *
   * @throws io.lighter.server.tls.TlsException if the authorities of an issuer are no certificates
   */
  public AccessTerms replacedBy(AccessControl.Settings next, Clock clock) {
    return new AccessTerms(
        next,
        next.issuers().stream()
            .map(issuer -> known(issuer).orElseGet(() -> new Issuer(issuer, clock)))
            .toList());
  }

  private Optional<Issuer> known(IssuerSettings wanted) {
    return issuers.stream().filter(issuer -> issuer.isBy(wanted)).findFirst();
  }

  AccessControl.Settings settings() {
    return settings;
  }

  List<Issuer> issuers() {
    return issuers;
  }

  /** The rights of everybody while there is nothing to decide. */
  Rights open() {
    return open;
  }
}
