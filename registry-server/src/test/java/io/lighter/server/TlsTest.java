package io.lighter.server;

import static io.lighter.server.TlsServer.client;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Digest;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.upstream.Images;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients get over TLS, those with a certificate of their own too. The certificate of the
 * server, missing, wrong or replaced, is in {@link TlsCertificateTest}.
 */
class TlsTest {
  @TempDir private static Path keys;
  private static TestCertificates certificates;

  @TempDir private Path directory;
  private final byte[] content = Images.random(3_000_000, 7);

  @BeforeAll
  static void sign() {
    certificates = TestCertificates.in(keys);
    certificates.sign("one", "CN=one");
    certificates.sign("two", "CN=two");
    certificates.sign("node", "CN=node-1,O=nodes");
  }

  @Test
  void get_overTls_answersEveryByteOfEveryKindOfRange() {
    try (var server = new TlsServer(directory, certificates.files("one", directory));
        HttpClient client = client(certificates.client())) {
      Digest digest = server.push(client, content);
      String path = "/v2/a/b/blobs/" + digest;
      for (int i = 0; i < 3; i++) { // The first one is answered elsewhere than those that follow.
        assertThat(server.get(client, path).body()).isEqualTo(content);
        assertThat(server.get(client, path, "Range", "bytes=1000-5095").body())
            .isEqualTo(Arrays.copyOfRange(content, 1000, 5096));
        assertThat(server.get(client, path, "Range", "bytes=7-2000006").body())
            .isEqualTo(Arrays.copyOfRange(content, 7, 2_000_007));
        HttpResponse<byte[]> several =
            server.get(client, path, "Range", "bytes=0-9,1000000-1999999,-5");
        assertThat(several.statusCode()).isEqualTo(206);
        assertThat(several.body()).hasSizeGreaterThan(1_000_015);
      }
    }
  }

  @Test
  void handshake_clientOffersHttp2_getsHttp1() throws IOException {
    try (var server = new TlsServer(directory, certificates.files("one", directory));
        SSLSocket socket = server.connect(certificates.client())) {
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
    try (var server = new TlsServer(directory, certificates.files("one", directory));
        SSLSocket socket = server.connect(certificates.client())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }
  }

  @Test
  void get_plainHttpToTlsPort_isNotAnswered() {
    try (var server = new TlsServer(directory, certificates.files("one", directory));
        HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v2/")).build();
      assertThatThrownBy(() -> client.send(request, BodyHandlers.discarding()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void start_clientAuthorities_takeTheirClientsAndThoseWithoutACertificate() {
    TestCertificates others = TestCertificates.in(mkdir("others"));
    others.sign("stranger", "CN=stranger");
    TlsConfig files =
        new TlsConfig(
            certificates.files("one", directory).certificate(),
            certificates.files("one", directory).key(),
            certificates.authority(directory.resolve("ca.pem")).toString());
    SSLContext stranger = certificates.client(others, "stranger");
    try (var server = new TlsServer(directory, files);
        HttpClient anonymous = client(certificates.client());
        HttpClient node = client(certificates.client("node"));
        HttpClient unknown = client(stranger)) {
      assertThat(server.get(anonymous, "/v2/").statusCode()).isEqualTo(200);
      assertThat(server.get(node, "/v2/").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> server.get(unknown, "/v2/"))
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void get_withCertificate_hasTheRightsOfItsSubject() {
    TlsConfig files =
        new TlsConfig(
            certificates.files("one", directory).certificate(),
            certificates.files("one", directory).key(),
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
    try (var server =
            new TlsServer(
                new TestSetup(directory.resolve("data"))
                    .http(TestServer.generous(new DataSize(0), files))
                    .access(access));
        HttpClient nobody = client(certificates.client());
        HttpClient other = client(certificates.client("two"));
        HttpClient node = client(certificates.client("node"))) {
      String path = "/v2/team/b/blobs/" + Digest.ofSha256(content);
      var push = "/v2/team/b/blobs/uploads/?digest=" + Digest.ofSha256(content);
      assertThat(server.post(node, push, content).statusCode()).isEqualTo(201);
      for (int i = 0; i < 3; i++) { // Hot from the second one on.
        assertThat(server.get(node, path).body()).isEqualTo(content);
        assertThat(server.get(other, path).statusCode()).isEqualTo(403);
        var refused = server.get(nobody, path);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
            .startsWith("Bearer realm=\"https://localhost:");
      }
    }
  }

  @Test
  void put_refusedBeforeItsBody_isAnsweredReadably() throws IOException {
    TlsConfig files = certificates.files("one", directory);
    try (var server =
            new TlsServer(
                new TestSetup(directory.resolve("data"))
                    .http(TestServer.generous(new DataSize(1000), files)));
        SSLSocket socket = server.connect(certificates.client())) {
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
}
