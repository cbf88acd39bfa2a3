package io.lighter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.server.config.TlsConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test's own, and the certificates that it signs, made by the JDK's keytool. */
public final class TestCertificates {
  private static final String PASSWORD = "changeit";
  private static final String AUTHORITY = "authority";

  private final Path store;

  private TestCertificates(Path store) {
    this.store = store;
  }

  /** An authority whose keys are kept in a directory. */
  public static TestCertificates in(Path directory) {
    var certificates = new TestCertificates(directory.resolve("keys.p12"));
    certificates.keytool(
        "-genkeypair", "-alias", AUTHORITY, "-dname", "CN=Test Authority", "-ext", "bc:c");
    return certificates;
  }

  /** Signs a certificate for this machine, good for servers and clients; valid for some days. */
  public void sign(String alias, String subject, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                subject,
                "-signer",
                AUTHORITY,
                "-ext",
                "san=dns:localhost,ip:127.0.0.1"));
    arguments.addAll(List.of(more));
    keytool(arguments.toArray(String[]::new));
  }

  private void keytool(String... arguments) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
      assertThat(process.waitFor()).as(said).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Writes a certificate, with its chain, in PEM. */
  Path certificate(String alias, Path file) {
    try {
      return write(file, "CERTIFICATE", load().getCertificate(alias).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the authority's certificate in PEM. */
  Path authority(Path file) {
    return certificate(AUTHORITY, file);
  }

  /** Writes a private key in PEM. */
  Path key(String alias, Path file) {
    return write(file, "PRIVATE KEY", keyOf(alias).getEncoded());
  }

  /** Writes a certificate and its key into a directory; what a server is told of them. */
  TlsConfig files(String alias, Path directory) {
    return new TlsConfig(
        certificate(alias, directory.resolve("tls.crt")).toString(),
        key(alias, directory.resolve("tls.key")).toString(),
        "");
  }

  private Key keyOf(String alias) {
    try {
      return load().getKey(alias, PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path write(Path file, String type, byte[] content) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    try {
      return Files.writeString(
          file, "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(type, body, type));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client's settings that believe the authority, and show the certificates of these aliases. */
  public SSLContext client(String... aliases) {
    return client(this, aliases);
  }

  /** The same with certificates that somebody else has signed. */
  SSLContext client(TestCertificates signer, String... aliases) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry(AUTHORITY, load().getCertificate(AUTHORITY));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      for (String name : aliases) {
        own.setKeyEntry(
            name,
            signer.keyOf(name),
            PASSWORD.toCharArray(),
            new Certificate[] {
              signer.load().getCertificate(name), signer.load().getCertificate(AUTHORITY)
            });
      }
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyStore load() {
    try {
      KeyStore loaded = KeyStore.getInstance("PKCS12");
      loaded.load(new ByteArrayInputStream(Files.readAllBytes(store)), PASSWORD.toCharArray());
      return loaded;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
