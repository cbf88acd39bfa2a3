package io.lighter.server.upstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom to believe that an upstream is who it says. */
final class TrustedAuthorities {
  private TrustedAuthorities() {}

  /**
   * Trusts the authorities of a file beside those of the system.
   *
   * @param upstream for messages
   * @param file certificates in PEM
   * @throws InvalidSettingException if the file is not one of certificates
   */
  static SSLContext withSystems(String upstream, Path file) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : certificates(file)) {
        store.setCertificateEntry("own-" + number++, certificate);
      }
      if (number == 0) {
        throw notCertificates(upstream, file, null);
      }
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager system) {
          for (Certificate certificate : system.getAcceptedIssuers()) {
            store.setCertificateEntry("system-" + number++, certificate);
          }
        }
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(store), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw notCertificates(upstream, file, e);
    }
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static InvalidSettingException notCertificates(
      String upstream, Path file, @Nullable Exception cause) {
    var failure =
        new InvalidSettingException(
            upstream, "caCertificates", file, "a file of certificates in PEM");
    if (cause != null) {
      failure.initCause(cause);
    }
    return failure;
  }
}
