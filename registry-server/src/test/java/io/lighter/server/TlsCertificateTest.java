package io.lighter.server;

import static io.lighter.server.TlsServer.client;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.command.StartException;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.upstream.Images;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files with the certificate and the key of a server that speaks TLS: what is said when it
 * cannot start with them, and that it shows what replaces them.
 */
class TlsCertificateTest {
  private static final int SIZE = 3_000_000;

  @TempDir private static Path keys;
  private static TestCertificates certificates;

  @TempDir private Path directory;
  private final byte[] content = Images.random(SIZE, 7);

  @BeforeAll
  static void sign() {
    certificates = TestCertificates.in(keys);
    certificates.sign("one", "CN=one");
    certificates.sign("two", "CN=two");
    certificates.sign("old", "CN=old", "-startdate", "-10d", "-validity", "2");
  }

  @Test
  void replaced_underLoad_newConnectionsGetItAndNoRequestFails() throws Exception {
    TlsConfig files = certificates.files("one", directory);
    SSLContext trust = certificates.client();
    try (var server = new TlsServer(directory, files);
        HttpClient kept = client(trust);
        var load = Executors.newVirtualThreadPerTaskExecutor()) {
      Digest digest = server.push(kept, content);
      String path = "/v2/a/b/blobs/" + digest;
      var stop = new AtomicBoolean();
      var answered = new AtomicInteger();
      List<Callable<Void>> clients =
          List.of(
              () -> range(kept, server, path, stop, answered),
              () -> range(kept, server, path, stop, answered),
              () -> connections(trust, server, path, stop, answered));
      var running = clients.stream().map(load::submit).toList();
      await().until(() -> answered.get() > 50);
      for (String next : List.of("two", "one", "two")) {
        replace(files, next);
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> shown(server, trust).contains("CN=" + next));
      }
      stop.set(true);
      for (var client : running) {
        client.get(); // Throws what went wrong there.
      }
      assertThat(answered).hasValueGreaterThan(100);
    }
  }

  @Test
  void replaced_bySwappedLink_isSeen() throws IOException {
    // As the kubelet does it: the files are links through a link to a directory.
    Path mount = Files.createDirectories(directory.resolve("mount"));
    version(mount, "v1", "one");
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("v1"));
    Path certificate = Files.createSymbolicLink(mount.resolve("crt"), Path.of("..data", "crt"));
    Path key = Files.createSymbolicLink(mount.resolve("key"), Path.of("..data", "key"));
    SSLContext trust = certificates.client();
    try (var server =
        new TlsServer(directory, new TlsConfig(certificate.toString(), key.toString(), ""))) {
      assertThat(shown(server, trust)).contains("CN=one");

      version(mount, "v2", "two");
      Path swap = Files.createSymbolicLink(mount.resolve("..tmp"), Path.of("v2"));
      Files.move(swap, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

      await().atMost(Duration.ofSeconds(20)).until(() -> shown(server, trust).contains("CN=two"));
    }
  }

  @Test
  void replaced_keyOfAnother_staysAsItWasUntilBothFit() {
    TlsConfig files = certificates.files("one", directory);
    SSLContext trust = certificates.client();
    try (var server = new TlsServer(directory, files)) {
      certificates.certificate("two", Path.of(files.certificate()));
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(20))
          .until(() -> shown(server, trust).contains("CN=one"));

      certificates.key("two", Path.of(files.key()));
      await().atMost(Duration.ofSeconds(20)).until(() -> shown(server, trust).contains("CN=two"));
    }
  }

  @Test
  void start_keyOfAnother_saysWhichDoNotFit() {
    TlsConfig files = certificates.files("one", directory);
    certificates.key("two", Path.of(files.key()));

    assertThatThrownBy(() -> new TlsServer(directory, files).close())
        .isInstanceOf(StartException.class)
        .hasMessage(
            "http.tls.key: \"%s\" is not the private key of the certificate in \"%s\"",
            files.key(), files.certificate());
  }

  @Test
  void start_notPem_saysWhichFileAndWhatIsAllowed() throws IOException {
    TlsConfig files = certificates.files("one", directory);
    Files.writeString(Path.of(files.certificate()), "no certificate");

    assertThatThrownBy(() -> new TlsServer(directory, files).close())
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.tls.certificate: \"%s\" cannot be used", files.certificate())
        .hasMessageEndingWith("allowed: a PEM file of certificates");
  }

  @Test
  void start_notAKey_saysWhichFileAndWhatIsAllowed() throws IOException {
    TlsConfig files = certificates.files("one", directory);
    Files.writeString(Path.of(files.key()), "no key");

    assertThatThrownBy(() -> new TlsServer(directory, files).close())
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.tls.key: \"%s\" cannot be used", files.key())
        .hasMessageEndingWith("PKCS#8, PKCS#1 or SEC1 and not encrypted");
  }

  @Test
  void start_missingFile_saysWhich() {
    TlsConfig files = new TlsConfig("/no/such/crt", "/no/such/key", "");

    assertThatThrownBy(() -> new TlsServer(directory, files).close())
        .isInstanceOf(StartException.class)
        .hasMessage("http.tls: \"/no/such/crt\" does not exist");
  }

  @Test
  void start_expiredCertificate_starts() {
    try (var server = new TlsServer(directory, certificates.files("old", directory))) {
      assertThat(server.port()).isPositive();
    }
  }

  private void version(Path mount, String name, String alias) throws IOException {
    Path version = Files.createDirectories(mount.resolve(name));
    certificates.certificate(alias, version.resolve("crt"));
    certificates.key(alias, version.resolve("key"));
  }

  private Void range(
      HttpClient client,
      TlsServer server,
      String path,
      AtomicBoolean stop,
      AtomicInteger answered) {
    var random = new Random(1);
    while (!stop.get()) {
      int first = random.nextInt(SIZE - 50_000);
      byte[] got =
          server.get(client, path, "Range", "bytes=%d-%d".formatted(first, first + 49_999)).body();
      assertThat(got).isEqualTo(Arrays.copyOfRange(content, first, first + 50_000));
      answered.incrementAndGet();
    }
    return null;
  }

  private static Void connections(
      SSLContext trust, TlsServer server, String path, AtomicBoolean stop, AtomicInteger answered) {
    while (!stop.get()) {
      try (HttpClient client = client(trust)) {
        assertThat(server.get(client, path, "Range", "bytes=0-99").statusCode()).isEqualTo(206);
        answered.incrementAndGet();
      }
    }
    return null;
  }

  /** Who the server says that it is. */
  private static String shown(TlsServer server, SSLContext trust) throws IOException {
    try (SSLSocket socket = server.connect(trust)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static void replace(TlsConfig files, String alias) {
    certificates.certificate(alias, Path.of(files.certificate()));
    certificates.key(alias, Path.of(files.key()));
  }
}
