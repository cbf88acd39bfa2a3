package io.lighter.server.upstream;

import io.lighter.server.trace.CurrentSpan;
import io.lighter.server.trace.Span;
import io.lighter.server.trace.TraceContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
  private final AddressGuard addresses;
  private final WarmClients clients;

  /** For the upstream's own host: those that it redirects to are many, and come and go. */
  private final CircuitBreaker breaker;

  RedirectingClient(UpstreamSettings settings, AddressGuard addresses) {
    this.settings = settings;
    this.addresses = addresses;
    this.breaker = new CircuitBreaker(settings.name(), System::nanoTime);
    this.clients = WarmClients.of(settings);
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
      addresses.check(current);
      HttpResponse<BodyStream> answer = traced(method, current, headers, secret);
      if (!isRedirect(answer.statusCode())) {
        return new UpstreamResponse(
            answer.statusCode(),
            answer.headers(),
            answer.body(),
            redirected ? Optional.of(current) : Optional.empty());
      }
      answer.body().discard();
      URI next = nextHop(settings.name(), current, answer.headers());
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

  /** Whether the next answer will come as fast as the link allows from its first byte on. */
  boolean isWarm() {
    return clients.nextIsWarm();
  }

  /** See {@link WarmClients#retire}. */
  void retire() {
    clients.retire();
  }

  /** See {@link CircuitBreaker#rest}. */
  Optional<Duration> rest() {
    return breaker.rest();
  }

  @Override
  public void close() {
    clients.close();
  }

  /** An exchange as a piece of work of what this thread does, until the head of the answer. */
  private HttpResponse<BodyStream> traced(
      String method, URI uri, Map<String, String> headers, @Nullable String authorization) {
    Optional<Span> current = CurrentSpan.get();
    if (current.isEmpty()) {
      return exchange(method, uri, headers, authorization, Optional.empty());
    }
    try (Span call = current.get().child(Span.Kind.CLIENT, method)) {
      call.set("http.request.method", method);
      call.set("server.address", String.valueOf(uri.getHost()));
      call.set("lighter.upstream", settings.name());
      try {
        HttpResponse<BodyStream> answer =
            exchange(method, uri, headers, authorization, Optional.of(call.context()));
        call.set("http.response.status_code", answer.statusCode());
        return answer;
      } catch (UpstreamException e) {
        call.failed(String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }

  private HttpResponse<BodyStream> exchange(
      String method,
      URI uri,
      Map<String, String> headers,
      @Nullable String authorization,
      Optional<TraceContext> trace) {
    var request =
        HttpRequest.newBuilder(uri)
            .timeout(
                settings
                    .network()
                    .responseTimeout()) // Until the head is here; BodyStream guards the rest.
            .method(method, HttpRequest.BodyPublishers.noBody());
    headers.forEach(request::header);
    trace.ifPresent(context -> request.header(TraceContext.HEADER, context.header()));
    request.header("User-Agent", "lighter");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return UpstreamResponse.sameOrigin(uri, settings.endpoint())
        ? guarded(method, uri, request.build())
        : send(method, uri, request.build());
  }

  private HttpResponse<BodyStream> guarded(String method, URI uri, HttpRequest request) {
    breaker.enter();
    try {
      HttpResponse<BodyStream> answer = send(method, uri, request);
      breaker.answered();
      return answer;
    } catch (UpstreamException e) {
      switch (e.getCause()) {
        case InterruptedException _ -> breaker.abandoned();
        case HttpTimeoutException _ -> breaker.failed(CircuitBreaker.Failure.SILENT);
        case null, default -> breaker.failed(CircuitBreaker.Failure.BROKEN);
      }
      throw e;
    }
  }

  private HttpResponse<BodyStream> send(String method, URI uri, HttpRequest request) {
    WarmClients.Loan loan = clients.take();
    boolean answered = false;
    try {
      // Not sendAsync: that passes its result through the common pool, which others may block.
      HttpResponse<BodyStream> answer = loan.client().send(request, _ -> new BodyStream(loan));
      answered = true;
      return answer;
    } catch (HttpConnectTimeoutException e) {
      throw unreachable(
          method, uri, waited("no connection", settings.network().connectTimeout()), e);
    } catch (HttpTimeoutException e) {
      throw unreachable(method, uri, waited("no answer", settings.network().responseTimeout()), e);
    } catch (IOException e) {
      throw unreachable(method, uri, reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(method, uri, "stopped", e);
    } finally {
      if (!answered) {
        loan.giveBackWithoutConnection();
      }
    }
  }

  /**
   * The JDK leaves those without a message that matter most, and hides the cause below two more.
   */
  static String reason(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its host name cannot be resolved";
      }
    }
    String message = failure.getMessage();
    if (message != null && !message.isEmpty()) {
      return message;
    }
    return failure instanceof ConnectException
        ? "the connection is refused, or no way leads there"
        : "the connection broke";
  }

  private static String waited(String forWhat, Duration time) {
    return "%s in %d ms".formatted(forWhat, time.toMillis());
  }

  private UpstreamException unreachable(String method, URI uri, String why, Exception cause) {
    return new UpstreamException.Unreachable(
        "%s did not answer %s at %s: %s"
            .formatted(settings.name(), method, uri.getAuthority(), why),
        cause);
  }

  private static boolean isRedirect(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  /** Where an answer leads to, if that is an address that may be followed. */
  static URI nextHop(String upstream, URI from, HttpHeaders headers) {
    URI next;
    try {
      next =
          from.resolve(
              headers
                  .firstValue("Location")
                  .orElseThrow(() -> refused(upstream, from, "names no address")));
    } catch (IllegalArgumentException e) {
      throw refused(upstream, from, "names something that is not an address");
    }
    String scheme = next.getScheme();
    if (next.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
      throw refused(upstream, from, "names something that is not a web address");
    }
    if (next.getRawUserInfo() != null) {
      throw refused(upstream, from, "names an address with a user in it");
    }
    if (from.getScheme().equals("https") && scheme.equals("http")) {
      throw refused(upstream, from, "leads from https to http");
    }
    return next;
  }

  private static UpstreamException refused(String upstream, URI from, String why) {
    return new UpstreamException.Invalid(
        "redirect of %s by %s %s".formatted(upstream, from.getHost(), why), null);
  }
}
