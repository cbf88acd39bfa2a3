package io.lighter.server.tls;

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

/** Whom to believe that another server is who it says. */
public final class TrustedAuthorities {
  private TrustedAuthorities() {}

  /**
   * Trusts the authorities of a file beside those of the system.
   *
   * @param file certificates in PEM
   * @throws TlsException if the file is not one of certificates
   */
  public static SSLContext withSystems(Path file) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate : certificates(file)) {
        store.setCertificateEntry("own-" + number++, certificate);
      }
      if (number == 0) {
        throw notCertificates(file, null);
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
      throw notCertificates(file, e);
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

  private static TlsException notCertificates(Path file, @Nullable Exception cause) {
    return new TlsException("\"%s\" is not a file of certificates in PEM".formatted(file), cause);
  }
}
