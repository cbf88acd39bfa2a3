package io.lighter.server.forward;

import io.lighter.oci.ApiVersion;
import io.lighter.server.config.ListenAddress;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether it is a registry that answers at an address. The address of a Service is somebody
 * else's for an instant when its only pod is replaced: kube-proxy stops refusing connections before
 * it leads them to the new pod, and what is sent in between goes wherever the node's network sends
 * unknown addresses. So the target is asked once, and the connection on which it has answered is
 * kept; when that ends, it is asked anew, until it answers. All of it runs on one event loop.
 */
final class Recognition {
  /** A restart of the target is noticed this late at most. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final HttpConnectOptions target;
  private final HttpClientAgent client;
  private final Listener listener;
  private boolean asking;
  private boolean closed;
  private @Nullable HttpClientConnection kept;

  /** Who wants to know. Called on the event loop. */
  interface Listener {
    /** The target has answered as a registry. */
    void recognised();

    /** The connection on which it had answered has ended; it is being asked. */
    void left();

    /**
     * It did not answer, and will be asked again.
     *
     * @param why for the log
     */
    void failed(String why);
  }

  /**
   * Asks nothing yet.
   *
   * @param tls whether the target speaks TLS; whose certificate it has is for the clients to check
   */
  Recognition(Vertx vertx, ListenAddress target, boolean tls, Listener listener) {
    this.vertx = vertx;
    this.listener = listener;
    this.target =
        new HttpConnectOptions().setHost(target.host()).setPort(target.port()).setSsl(tls);
    if (tls) {
      this.target.setSslOptions(
          new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm(""));
    }
    // The options of a single connection have a time limit as well, which Vert.x 5.2 disregards.
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) PATIENCE.toMillis()));
  }

  /** Asks no more, whatever ends. */
  void close() {
    closed = true;
  }

  /** Has the target asked, if it is not being asked already. */
  void ask() {
    if (asking || closed) {
      return;
    }
    asking = true;
    var _ =
        client
            .connect(target)
            .compose(connection ->
                greet(connection)
                    .onSuccess(answer -> keep(connection, answer))
                    .onFailure(_ -> connection.close()))
            .onSuccess(_ -> listener.recognised())
            .onFailure(failure -> {
              vertx.setTimer(PAUSE.toMillis(), _ -> askAgain());
              listener.failed(String.valueOf(failure.getMessage()));
            });
  }

  private void askAgain() {
    asking = false;
    ask();
  }

  private static Future<HttpClientResponse> greet(HttpClientConnection connection) {
    return connection
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setURI("/v2/")
                .putHeader(HttpHeaders.USER_AGENT, "lighter-forward"))
        .compose(HttpClientRequest::send)
        .compose(answer ->
            answer.getHeader(ApiVersion.HEADER) == null
                ? Future.failedFuture(
                    "it answers %d, but not as a registry: there is no %s"
                        .formatted(answer.statusCode(), ApiVersion.HEADER))
                : answer.end().map(answer))
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void keep(HttpClientConnection connection, HttpClientResponse answer) {
    asking = false;
    if ("close".equalsIgnoreCase(answer.getHeader(HttpHeaders.CONNECTION))) {
      return; // Its end says nothing.
    }
    if (kept != null) {
      kept.closeHandler(_ -> {});
      kept.close();
    }
    kept = connection;
    connection.closeHandler(_ -> {
      kept = null;
      listener.left();
      ask();
    });
  }
}
