package io.lighter.node.cluster;

import io.lighter.node.NodeException.HostFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API server of the cluster that a pod runs in. Thread-safe; calls block. */
public final class KubernetesApi {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient client;
  private final URI server;
  private final Path account;

  /**
   * An API server.
   *
   * @param account the folder with {@code token} and {@code namespace}; the token is read at each
   *     call, because it is exchanged while the pod runs
   */
  KubernetesApi(HttpClient client, URI server, Path account) {
    this.client = client;
    this.server = server;
    this.account = account;
  }

  /** The cluster that this process runs in; empty outside of a pod. */
  public static Optional<KubernetesApi> ofPod(Map<String, String> environment, Path account) {
    String host = environment.get("KUBERNETES_SERVICE_HOST");
    String port = environment.get("KUBERNETES_SERVICE_PORT");
    if (host == null || port == null || !Files.exists(account.resolve("token"))) {
      return Optional.empty();
    }
    String address = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(trusting(account.resolve("ca.crt")))
            .connectTimeout(TIMEOUT)
            .build();
    return Optional.of(
        new KubernetesApi(client, URI.create("https://" + address + ":" + port), account));
  }

  /** The namespace of the pod. */
  String namespace() {
    return read("namespace");
  }

  Reply get(String path) {
    return call("GET", path, null);
  }

  Reply post(String path, JsonNode body) {
    return call("POST", path, body);
  }

  Reply put(String path, JsonNode body) {
    return call("PUT", path, body);
  }

  Reply delete(String path) {
    return call("DELETE", path, null);
  }

  private Reply call(String method, String path, @Nullable JsonNode body) {
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + read("token"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .method(
                method,
                body == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
            .build();
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), JSON.readTree(response.body()));
    } catch (IOException | JacksonException e) {
      throw new HostFailure("the Kubernetes API does not answer " + method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostFailure("interrupted while asking the Kubernetes API", e);
    }
  }

  private String read(String file) {
    try {
      return Files.readString(account.resolve(file)).strip();
    } catch (IOException e) {
      throw new HostFailure("cannot read the " + file + " of the service account", e);
    }
  }

  private static SSLContext trusting(Path certificates) {
    try (InputStream stream = Files.newInputStream(certificates)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int i = 0;
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(stream)) {
        store.setCertificateEntry("ca" + i++, certificate);
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new HostFailure("cannot trust " + certificates, e);
    }
  }

  /** What the API server answered. */
  record Reply(int status, JsonNode body) {
    boolean succeeded() {
      return status / 100 == 2;
    }
  }
}
