package io.lighter.server.tls;

import io.lighter.server.watch.FileSnapshot;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How a command on the machine of a listener reaches it: it believes the one certificate that the
 * listener has by its configuration, whatever name is in it, and shows that certificate itself if
 * it is asked for one.
 */
public final class ListenerClient {
  private ListenerClient() {}

  /**
   * The settings for such a client.
   *
   * @param section of the configuration, for messages
   * @throws TlsException if there is something wrong with the files
   */
  public static SSLContext context(String section, TlsFiles files) {
    try {
      var material = TlsMaterial.parse(section, files, FileSnapshot.of(files.all()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          material.keys().getKeyManagers(),
          new TrustManager[] {new Only(material.certificate())},
          null);
      return context;
    } catch (UncheckedIOException e) {
      throw new TlsException(section + ": " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new TlsException(section + ": " + e.getMessage(), e);
    }
  }

  /** Believes one certificate. An extended one, because then nobody compares names. */
  private static final class Only extends X509ExtendedTrustManager {
    private final X509Certificate expected;

    Only(X509Certificate expected) {
      this.expected = expected;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length == 0 || !chain[0].equals(expected)) {
        throw new CertificateException("not the certificate that the configuration names");
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
