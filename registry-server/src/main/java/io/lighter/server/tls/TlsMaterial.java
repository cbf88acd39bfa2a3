package io.lighter.server.tls;

import io.lighter.server.watch.FileSnapshot;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate with its key, and whom to believe, read from files and found to fit each other.
 *
 * @param certificate what the listener shows
 * @param identity the same with its chain and key, for a server's engine
 * @param keys the same for a client's engine
 * @param authorities whose certificates clients may show
 */
record TlsMaterial(
    X509Certificate certificate,
    PemKeyCertOptions identity,
    KeyManagerFactory keys,
    Optional<TrustManagerFactory> authorities) {

  /**
   * Reads and checks.
   *
   * @param section of the configuration, for messages
   * @throws TlsException if the files are not what they should be
   */
  static TlsMaterial parse(String section, TlsFiles files, FileSnapshot content) {
    X509Certificate certificate =
        certificates(section + ".certificate", files.certificate(), content).getFirst();
    var identity =
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(content.bytes(files.certificate())))
            .addKeyValue(Buffer.buffer(content.bytes(files.key())));
    KeyManagerFactory keys = keys(section + ".key", files.key(), identity);
    if (!holdsKeyOf(keys, certificate)) {
      throw new TlsException(
          "%s.key: \"%s\" is not the private key of the certificate in \"%s\""
              .formatted(section, files.key(), files.certificate()),
          null);
    }
    return new TlsMaterial(
        certificate,
        identity,
        keys,
        files
            .clientAuthorities()
            .map(file ->
                trusting(section, certificates(section + ".clientAuthorities", file, content))));
  }

  private static List<X509Certificate> certificates(String key, Path file, FileSnapshot content) {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content.bytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (found.isEmpty()) {
        throw unfit(key, file, "certificates", null);
      }
      return found;
    } catch (GeneralSecurityException e) {
      throw unfit(key, file, "certificates", e);
    }
  }

  private static KeyManagerFactory keys(String key, Path file, PemKeyCertOptions identity) {
    try {
      return identity.getKeyManagerFactory(null); // It reads no files, so it needs no Vert.x.
    } catch (Exception e) { // Whatever the parser met.
      throw unfit(key, file, "one private key, PKCS#8, PKCS#1 or SEC1 and not encrypted", e);
    }
  }

  private static TlsException unfit(
      String key, Path file, String allowed, @Nullable Exception cause) {
    return new TlsException(
        "%s: \"%s\" cannot be used%s; allowed: a PEM file of %s"
            .formatted(key, file, cause == null ? "" : ": " + cause.getMessage(), allowed),
        cause);
  }

  private static TrustManagerFactory trusting(String section, List<X509Certificate> roots) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("authority-" + i, roots.get(i));
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw new TlsException(section + ".clientAuthorities: " + e.getMessage(), e);
    }
  }

  private static boolean holdsKeyOf(KeyManagerFactory keys, X509Certificate certificate) {
    String type = certificate.getPublicKey().getAlgorithm();
    return Stream.of(keys.getKeyManagers())
        .filter(X509KeyManager.class::isInstance)
        .map(X509KeyManager.class::cast)
        .anyMatch(manager -> {
          String[] aliases = manager.getServerAliases(type, null);
          return aliases != null
              && Stream.of(aliases)
                  .map(manager::getPrivateKey)
                  .anyMatch(key -> fits(key, certificate.getPublicKey()));
        });
  }

  private static boolean fits(PrivateKey key, PublicKey certified) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = {1, 2, 3};
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certified);
      verifier.update(probe);
      return verifier.verify(signer.sign());
    } catch (GeneralSecurityException _) { // Not even of the same kind.
      return false;
    }
  }

  /** What an operator should know about the certificate's time; empty if nothing. */
  Optional<String> warning(Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isAfter(end)) {
      return Optional.of("has expired, at " + end);
    }
    Instant begin = certificate.getNotBefore().toInstant();
    return now.isBefore(begin) ? Optional.of("is not valid before " + begin) : Optional.empty();
  }
}
