package io.lighter.server.config;

import io.lighter.server.tls.TlsFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** TLS of a listener; without a certificate it has none. */
public record TlsConfig(
    @Key(
            "PEM file of the certificate, with those that lead to a root behind it; goes together with the key. A replaced file is used for new connections a second or two later, without a restart")
        String certificate,
    @Key("PEM file of the certificate's private key, not encrypted; followed likewise") String key,
    @Key(
            "PEM file of authorities whose certificates clients may show; one of another authority is refused in the handshake")
        String clientAuthorities) {

  /** No TLS. */
  public static final TlsConfig NONE = new TlsConfig("", "", "");

  /** The files; empty without TLS. */
  public Optional<TlsFiles> files() {
    return certificate.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TlsFiles(
                Path.of(certificate),
                Path.of(key),
                clientAuthorities.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Path.of(clientAuthorities))));
  }

  /**
   * Refuses half a setting.
   *
   * @param section where in the configuration this is
   */
  void requireWhole(String section) {
    if (certificate.isEmpty() != key.isEmpty()) {
      throw ConfigException.at(
          section, "certificate and key go together; allowed: both of them, or neither");
    }
    if (certificate.isEmpty() && !clientAuthorities.isEmpty()) {
      throw ConfigException.at(
          section,
          "clientAuthorities needs a certificate and a key: who asks clients for theirs shows one");
    }
  }

  /** Every file that is needed from the start on, by the key that names it. */
  Map<String, Path> byKey() {
    var byKey = new LinkedHashMap<String, Path>();
    files()
        .ifPresent(files -> {
          byKey.put("certificate", files.certificate());
          byKey.put("key", files.key());
          files.clientAuthorities().ifPresent(file -> byKey.put("clientAuthorities", file));
        });
    return byKey;
  }
}
