package io.lighter.server.upstream;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one upstream and follows its redirects. {@code Authorization} goes to the host
 * that was asked and to no other, and a redirect never leads from https to http: both would hand a
 * secret to whoever the upstream, or somebody in between, names.
 *
 * <p>Thread-safe; blocks until the head of the answer is here.
 */
final class RedirectingClient implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;

  private final UpstreamSettings settings;
  private final HttpClient client;

  RedirectingClient(UpstreamSettings settings) {
    this.settings = settings;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .executor(
                Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("upstream-http-" + settings.name()).factory()))
            .build();
  }

  /**
   * One request and the redirects that it leads to.
   *
   * @param method {@code GET} or {@code HEAD}
   * @param target address to ask
   * @param headers sent to every host on the way
   * @param authorization sent to the host of {@code target} only; null for none
   * @throws UpstreamException.Unreachable if there is no answer in time
   * @throws UpstreamException.Invalid if a redirect is not one that may be followed
   */
  UpstreamResponse send(
      String method, URI target, Map<String, String> headers, @Nullable String authorization) {
    URI current = target;
    String secret = authorization;
    boolean redirected = false;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<BodyStream> answer = exchange(method, current, headers, secret);
      if (!isRedirect(answer.statusCode())) {
        return new UpstreamResponse(
            answer.statusCode(), answer.headers(), answer.body(), redirected);
      }
      answer.body().discard();
      URI next = nextHop(current, answer);
      if (!UpstreamResponse.sameOrigin(current, next)) {
        // Not given back either if the next redirect leads home: that address was chosen elsewhere.
        secret = null;
        redirected = true;
      }
      current = next;
    }
    throw new UpstreamException.Invalid(
        "%s redirected more than %d times".formatted(settings.name(), MAX_REDIRECTS), null);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private HttpResponse<BodyStream> exchange(
      String method, URI uri, Map<String, String> headers, @Nullable String authorization) {
    var request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
    headers.forEach(request::header);
    request.header("User-Agent", "lighter");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    // The client's own request timeout would, depending on the JDK, cover the body as well.
    CompletableFuture<HttpResponse<BodyStream>> answer =
        client.sendAsync(request.build(), _ -> new BodyStream());
    try {
      return answer.get(settings.responseTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unreachable(method, uri, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      abandon(answer);
      var why = "no answer in %d ms".formatted(settings.responseTimeout().toMillis());
      throw unreachable(method, uri, new IOException(why, e));
    } catch (InterruptedException e) {
      abandon(answer);
      Thread.currentThread().interrupt();
      throw unreachable(method, uri, e);
    }
  }

  /** An answer that comes at this very moment must not keep its connection. */
  private static void abandon(CompletableFuture<HttpResponse<BodyStream>> answer) {
    if (!answer.cancel(true) && answer.state() == java.util.concurrent.Future.State.SUCCESS) {
      answer.resultNow().body().close();
    }
  }

  private UpstreamException unreachable(String method, URI uri, Throwable cause) {
    return new UpstreamException.Unreachable(
        "%s did not answer %s at %s: %s"
            .formatted(settings.name(), method, uri.getHost(), describe(cause)),
        cause);
  }

  /** The JDK leaves some of these without a message. */
  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isEmpty() ? cause.getClass().getSimpleName() : message;
  }

  private static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private URI nextHop(URI from, HttpResponse<BodyStream> answer) {
    String location =
        answer
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> refused("names no address", from));
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw refused("names something that is not an address", from);
    }
    String scheme = next.getScheme();
    if (next.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
      throw refused("names something that is not a web address", from);
    }
    if (next.getRawUserInfo() != null) {
      throw refused("names an address with a user in it", from);
    }
    if (from.getScheme().equals("https") && scheme.equals("http")) {
      throw refused("leads from https to http", from);
    }
    return next;
  }

  private UpstreamException refused(String why, URI from) {
    return new UpstreamException.Invalid(
        "redirect of %s by %s %s".formatted(settings.name(), from.getHost(), why), null);
  }
}
