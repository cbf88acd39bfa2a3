package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.TlsConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server that speaks TLS, and what clients that trust various authorities do with it. */
final class TlsServer implements AutoCloseable {
  private final TestServer server;

  TlsServer(TestSetup setup) {
    server = setup.start();
  }

  /** Starts one that keeps its data in a folder of this directory, with nothing else of its own. */
  TlsServer(Path directory, TlsConfig files) {
    this(
        new TestSetup(directory.resolve("data")).http(TestServer.generous(new DataSize(0), files)));
  }

  /** A client that trusts whom this trusts, and shows the certificates of this. */
  static HttpClient client(SSLContext context) {
    return HttpClient.newBuilder().sslContext(context).build();
  }

  int port() {
    return server.port();
  }

  /** Sends a request; headers are names and values by turns. */
  HttpResponse<byte[]> get(HttpClient client, String path, String... headers) {
    var builder = HttpRequest.newBuilder(uri(path));
    return TestServer.send(client, headers.length == 0 ? builder : builder.headers(headers));
  }

  HttpResponse<byte[]> post(HttpClient client, String path, byte[] body) {
    return TestServer.send(
        client, HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofByteArray(body)));
  }

  /** Pushes a blob into the repository {@code a/b}. */
  Digest push(HttpClient client, byte[] content) {
    Digest digest = Digest.ofSha256(content);
    var answer = post(client, "/v2/a/b/blobs/uploads/?digest=" + digest, content);
    assertThat(answer.statusCode()).isEqualTo(201);
    return digest;
  }

  /** A connection on which nobody has said anything yet. */
  SSLSocket connect(SSLContext context) throws IOException {
    return (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port());
  }

  @Override
  public void close() {
    server.close();
  }

  private URI uri(String path) {
    return URI.create("https://localhost:" + port() + path);
  }
}
