package io.lighter.server.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that a listener has its TLS from, all in PEM.
 *
 * @param certificate its certificate, and behind it those of the authorities between it and a root
 * @param key the private key of that certificate
 * @param clientAuthorities authorities whose certificates clients may show
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthorities) {

  /** All of them. */
  public List<Path> all() {
    return Stream.concat(Stream.of(certificate, key), clientAuthorities.stream())
        .distinct()
        .toList();
  }
}
