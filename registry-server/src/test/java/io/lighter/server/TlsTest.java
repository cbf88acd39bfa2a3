package io.lighter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.command.StartException;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.TlsConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final int SIZE = 3_000_000;

  @TempDir private static Path keys;
  private static TestCertificates certificates;

  @TempDir private Path directory;
  private final byte[] content = new byte[SIZE];

  @BeforeAll
  static void sign() {
    certificates = TestCertificates.in(keys);
    certificates.sign("one", "CN=one");
    certificates.sign("two", "CN=two");
    certificates.sign("old", "CN=old", "-startdate", "-10d", "-validity", "2");
    certificates.sign("node", "CN=node-1,O=nodes");
  }

  @Test
  void get_overTls_answersEveryByteOfEveryKindOfRange() {
    try (TestServer server = start(files("one"));
        HttpClient client = client(certificates.client())) {
      Digest digest = push(client, server);
      String path = "/v2/a/b/blobs/" + digest;
      for (int i = 0; i < 3; i++) { // The first one is answered elsewhere than those that follow.
        assertThat(send(client, get(server, path)).body()).isEqualTo(content);
        assertThat(send(client, get(server, path, "Range", "bytes=1000-5095")).body())
            .isEqualTo(Arrays.copyOfRange(content, 1000, 5096));
        assertThat(send(client, get(server, path, "Range", "bytes=7-2000006")).body())
            .isEqualTo(Arrays.copyOfRange(content, 7, 2_000_007));
        HttpResponse<byte[]> several =
            send(client, get(server, path, "Range", "bytes=0-9,1000000-1999999,-5"));
        assertThat(several.statusCode()).isEqualTo(206);
        assertThat(several.body()).hasSizeGreaterThan(1_000_015);
      }
    }
  }

  @Test
  void handshake_clientOffersHttp2_getsHttp1() throws IOException {
    try (TestServer server = start(files("one"));
        SSLSocket socket = connect(server, certificates.client())) {
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();

      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
    }
  }

  @Test
  void handshake_tls12_isTaken() throws IOException {
    try (TestServer server = start(files("one"));
        SSLSocket socket = connect(server, certificates.client())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }
  }

  @Test
  void get_plainHttpToTlsPort_isNotAnswered() {
    try (TestServer server = start(files("one"));
        HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v2/")).build();
      assertThatThrownBy(() -> client.send(request, BodyHandlers.discarding()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void replaced_underLoad_newConnectionsGetItAndNoRequestFails() throws Exception {
    TlsConfig files = files("one");
    SSLContext trust = certificates.client();
    try (TestServer server = start(files);
        HttpClient kept = client(trust);
        var load = Executors.newVirtualThreadPerTaskExecutor()) {
      Digest digest = push(kept, server);
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
    try (TestServer server = start(new TlsConfig(certificate.toString(), key.toString(), ""))) {
      assertThat(shown(server, trust)).contains("CN=one");

      version(mount, "v2", "two");
      Path swap = Files.createSymbolicLink(mount.resolve("..tmp"), Path.of("v2"));
      Files.move(swap, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

      await().atMost(Duration.ofSeconds(20)).until(() -> shown(server, trust).contains("CN=two"));
    }
  }

  @Test
  void replaced_keyOfAnother_staysAsItWasUntilBothFit() {
    TlsConfig files = files("one");
    SSLContext trust = certificates.client();
    try (TestServer server = start(files)) {
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
    TlsConfig files = files("one");
    certificates.key("two", Path.of(files.key()));

    assertThatThrownBy(() -> start(files).close())
        .isInstanceOf(StartException.class)
        .hasMessage(
            "http.tls.key: \"%s\" is not the private key of the certificate in \"%s\"",
            files.key(), files.certificate());
  }

  @Test
  void start_notPem_saysWhichFileAndWhatIsAllowed() throws IOException {
    TlsConfig files = files("one");
    Files.writeString(Path.of(files.certificate()), "no certificate");

    assertThatThrownBy(() -> start(files).close())
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.tls.certificate: \"%s\" cannot be used", files.certificate())
        .hasMessageEndingWith("allowed: a PEM file of certificates");
  }

  @Test
  void start_notAKey_saysWhichFileAndWhatIsAllowed() throws IOException {
    TlsConfig files = files("one");
    Files.writeString(Path.of(files.key()), "no key");

    assertThatThrownBy(() -> start(files).close())
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("http.tls.key: \"%s\" cannot be used", files.key())
        .hasMessageEndingWith("PKCS#8, PKCS#1 or SEC1 and not encrypted");
  }

  @Test
  void start_missingFile_saysWhich() {
    TlsConfig files = new TlsConfig("/no/such/crt", "/no/such/key", "");

    assertThatThrownBy(() -> start(files).close())
        .isInstanceOf(StartException.class)
        .hasMessage("http.tls: \"/no/such/crt\" does not exist");
  }

  @Test
  void start_expiredCertificate_starts() {
    try (TestServer server = start(files("old"))) {
      assertThat(server.port()).isPositive();
    }
  }

  @Test
  void start_clientAuthorities_takeTheirClientsAndThoseWithoutACertificate() {
    TestCertificates others = TestCertificates.in(mkdir("others"));
    others.sign("stranger", "CN=stranger");
    TlsConfig files =
        new TlsConfig(
            files("one").certificate(),
            files("one").key(),
            certificates.authority(directory.resolve("ca.pem")).toString());
    SSLContext stranger = certificates.client(others, "stranger");
    try (TestServer server = start(files);
        HttpClient anonymous = client(certificates.client());
        HttpClient node = client(certificates.client("node"));
        HttpClient unknown = client(stranger)) {
      assertThat(send(anonymous, get(server, "/v2/")).statusCode()).isEqualTo(200);
      assertThat(send(node, get(server, "/v2/")).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> send(unknown, get(server, "/v2/")))
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void get_withCertificate_hasTheRightsOfItsSubject() {
    TlsConfig files =
        new TlsConfig(
            files("one").certificate(),
            files("one").key(),
            certificates.authority(directory.resolve("ca.pem")).toString());
    var access =
        new AccessConfig(
            Anonymous.NOTHING,
            "",
            Map.of("nodes", Set.of("CN=node-1,O=nodes")),
            List.of(
                new AccessConfig.Rule(
                    List.of("team/**"),
                    Optional.empty(),
                    Optional.of(List.of("nodes")),
                    List.of(Action.PULL, Action.PUSH))),
            AccessControl.Form.BEARER,
            "",
            Duration.ofMinutes(5),
            List.of());
    try (TestServer server =
            TestServer.start(
                directory.resolve("data"),
                TestServer.generous(new DataSize(0), files),
                List.of(),
                access);
        HttpClient nobody = client(certificates.client());
        HttpClient other = client(certificates.client("two"));
        HttpClient node = client(certificates.client("node"))) {
      new Random(7).nextBytes(content);
      String path = "/v2/team/b/blobs/" + Digest.ofSha256(content);
      var push = "/v2/team/b/blobs/uploads/?digest=" + Digest.ofSha256(content);
      assertThat(
              send(
                      node,
                      HttpRequest.newBuilder(uri(server, push))
                          .POST(BodyPublishers.ofByteArray(content)))
                  .statusCode())
          .isEqualTo(201);
      for (int i = 0; i < 3; i++) { // Hot from the second one on.
        assertThat(send(node, get(server, path)).body()).isEqualTo(content);
        assertThat(send(other, get(server, path)).statusCode()).isEqualTo(403);
        var refused = send(nobody, get(server, path));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
            .startsWith("Bearer realm=\"https://localhost:");
      }
    }
  }

  @Test
  void put_refusedBeforeItsBody_isAnsweredReadably() throws IOException {
    try (TestServer server =
            TestServer.start(
                directory.resolve("data"),
                TestServer.generous(new DataSize(1000), files("one")),
                1000);
        SSLSocket socket = connect(server, certificates.client())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      String digest = Digest.ofSha256(content).toString();
      out.write(
          "POST /v2/a/b/blobs/uploads/?digest=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
              .formatted(digest, 40 << 20)
              .getBytes(US_ASCII));
      try {
        for (int sent = 0; sent < 40 << 20; sent += 1 << 16) {
          out.write(new byte[1 << 16]);
        }
      } catch (IOException _) {
        // It may be told so before it is through.
      }
      assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
  }

  private Path mkdir(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void version(Path mount, String name, String alias) throws IOException {
    Path version = Files.createDirectories(mount.resolve(name));
    certificates.certificate(alias, version.resolve("crt"));
    certificates.key(alias, version.resolve("key"));
  }

  private Void range(
      HttpClient client,
      TestServer server,
      String path,
      AtomicBoolean stop,
      AtomicInteger answered) {
    var random = new Random(1);
    while (!stop.get()) {
      int first = random.nextInt(SIZE - 50_000);
      byte[] got =
          send(client, get(server, path, "Range", "bytes=%d-%d".formatted(first, first + 49_999)))
              .body();
      assertThat(got).isEqualTo(Arrays.copyOfRange(content, first, first + 50_000));
      answered.incrementAndGet();
    }
    return null;
  }

  private static Void connections(
      SSLContext trust,
      TestServer server,
      String path,
      AtomicBoolean stop,
      AtomicInteger answered) {
    while (!stop.get()) {
      try (HttpClient client = client(trust)) {
        assertThat(send(client, get(server, path, "Range", "bytes=0-99")).statusCode())
            .isEqualTo(206);
        answered.incrementAndGet();
      }
    }
    return null;
  }

  /** Who the server says that it is. */
  private static String shown(TestServer server, SSLContext trust) throws IOException {
    try (SSLSocket socket = connect(server, trust)) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static SSLSocket connect(TestServer server, SSLContext trust) throws IOException {
    return (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", server.port());
  }

  private TestServer start(TlsConfig files) {
    return TestServer.start(
        directory.resolve("data"), TestServer.generous(new DataSize(0), files), 1000);
  }

  private TlsConfig files(String alias) {
    return new TlsConfig(
        certificates.certificate(alias, directory.resolve("tls.crt")).toString(),
        certificates.key(alias, directory.resolve("tls.key")).toString(),
        "");
  }

  private static void replace(TlsConfig files, String alias) {
    certificates.certificate(alias, Path.of(files.certificate()));
    certificates.key(alias, Path.of(files.key()));
  }

  private Digest push(HttpClient client, TestServer server) {
    new Random(7).nextBytes(content);
    Digest digest = Digest.ofSha256(content);
    var answer =
        send(
            client,
            HttpRequest.newBuilder(uri(server, "/v2/a/b/blobs/uploads/?digest=" + digest))
                .POST(BodyPublishers.ofByteArray(content)));
    assertThat(answer.statusCode()).isEqualTo(201);
    return digest;
  }

  private static HttpClient client(SSLContext context) {
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static HttpRequest.Builder get(TestServer server, String path, String... headers) {
    var builder = HttpRequest.newBuilder(uri(server, path));
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  private static URI uri(TestServer server, String path) {
    return URI.create("https://localhost:" + server.port() + path);
  }

  private static HttpResponse<byte[]> send(HttpClient client, HttpRequest.Builder request) {
    try {
      return client.send(
          request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
