package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lighter.oci.RepositoryName;
import io.lighter.oci.Tag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NetworkTest {
  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final char[] PASSWORD = "changeit".toCharArray();

  @Test
  void proxy_isAskedInsteadOfTheUpstream() {
    try (var proxy = ScriptedUpstream.start();
        var upstream =
            registry(
                URI.create("http://nowhere.invalid"),
                network(Optional.of(proxy.uri()), Optional.empty()))) {
      var manifest = proxy.manifest("team/app", "1", Images.json("by proxy"));

      assertThat(upstream.manifest(APP, Tag.parse("1"))).isEqualTo(manifest);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://p:1", "http://p", "http://me:secret@p:1", "http://p:1/x", "p:3128"})
  void proxy_notAnAddressOfOne_refused(String text) {
    assertThatThrownBy(() ->
            registry(
                URI.create("http://a.example"),
                network(Optional.of(URI.create(text)), Optional.empty())))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("proxy must be http://HOST:PORT");
  }

  @Test
  void caCertificates_ofTheUpstreamsAuthority_areBelieved(@TempDir Path directory)
      throws Exception {
    Path store = directory.resolve("store.p12");
    Path certificate = directory.resolve("ca.pem");
    keytool(
        "-genkeypair",
        "-alias",
        "a",
        "-keyalg",
        "EC",
        "-dname",
        "CN=127.0.0.1",
        "-ext",
        "san=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
        "-keystore",
        store.toString());
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        "a",
        "-storepass",
        "changeit",
        "-keystore",
        store.toString(),
        "-file",
        certificate.toString());
    HttpsServer server = serve(store);
    URI uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    try (var trusting = registry(uri, network(Optional.empty(), Optional.of(certificate)));
        var other = registry(uri, network(Optional.empty(), Optional.empty()))) {
      assertThatThrownBy(() -> trusting.manifest(APP, Tag.parse("1")))
          .isInstanceOf(UpstreamException.NotFound.class);
      assertThatThrownBy(() -> other.manifest(APP, Tag.parse("1")))
          .isInstanceOf(UpstreamException.Unreachable.class)
          .hasMessageContaining("PKIX");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void caCertificates_notCertificates_refusedByName(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "nonsense");

    assertThatThrownBy(() ->
            registry(URI.create("https://a.example"), network(Optional.empty(), Optional.of(file))))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("caCertificates")
        .hasMessageContaining(file.toString());
  }

  private static Network network(Optional<URI> proxy, Optional<Path> caCertificates) {
    return new Network(
        8,
        2,
        true,
        proxy,
        caCertificates,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10));
  }

  private static UpstreamRegistry registry(URI endpoint, Network network) {
    return new UpstreamRegistry(
        new UpstreamSettings(
            "up.example",
            endpoint,
            Addressing.PLAIN,
            Freshness.DEFAULT,
            CredentialsByPath.NONE,
            network),
        Clock.systemUTC(),
        new CountingObserver());
  }

  private static HttpsServer serve(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void keytool(String... arguments) throws Exception {
    var command = new java.util.ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(java.util.List.of(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
