package io.lighter.server.upstream;

import com.github.benmanes.caffeine.cache.Ticker;
import io.lighter.oci.RepositoryName;
import io.lighter.server.upstream.UpstreamObserver.Operation;
import io.lighter.server.upstream.UpstreamObserver.Outcome;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How an upstream is asked, whatever the question: with a token if it wants one, within the cap on
 * connections, again if it could not be reached, and counted.
 *
 * <p>Thread-safe.
 */
final class UpstreamCalls implements AutoCloseable {
  private static final int RETRIES = 2;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100));

  private final UpstreamSettings settings;
  private final UpstreamObserver observer;
  private final RedirectingClient http;
  private final RefusedAnswers refusals;
  private final TokenClient tokens;
  private final ConnectionBudget connections;
  private final PullAllowance allowance;
  private final BlobAddresses addresses = new BlobAddresses(Ticker.systemTicker());

  /** What is asked: {@code tail} follows the repository's name in the path. */
  record Question(
      Operation operation,
      String method,
      RepositoryName repository,
      String tail,
      Map<String, String> headers) {

    @Override
    public String toString() {
      return "%s /v2/%s/%s".formatted(method, repository, tail);
    }
  }

  /** Makes something of an answer, of any status. */
  @FunctionalInterface
  interface Answer<T> {
    T read(UpstreamResponse response) throws IOException;
  }

  UpstreamCalls(UpstreamSettings settings, Clock clock, UpstreamObserver observer) {
    this.settings = settings;
    this.observer = observer;
    this.http = new RedirectingClient(settings, AddressGuard.of(settings));
    this.refusals = new RefusedAnswers(settings.name(), clock);
    this.tokens = new TokenClient(settings, http, refusals, clock);
    this.allowance = new PullAllowance(clock);
    this.connections = new ConnectionBudget(settings.name(), settings.network().maxConnections());
  }

  /** Asks for something small; the answer is closed when this returns. */
  <T> T ask(Question question, Answer<T> answer) {
    return retrying(() -> {
      try (var _ = connections.take(Priority.QUESTION, settings.network().responseTimeout())) {
        return observed(question.operation(), () -> read(question, answer));
      }
    });
  }

  /**
   * Asks for something large, which the caller reads and closes. He has {@linkplain #connect taken
   * a connection}.
   *
   * @param head checks the head of the answer, which is closed if this throws
   */
  <T> T open(Question question, Function<UpstreamResponse, T> head) {
    return retrying(() ->
        observed(
            question.operation(),
            () -> {
              UpstreamResponse response = exchange(question);
              try {
                return head.apply(response);
              } catch (UpstreamException e) {
                response.body().discard();
                throw e;
              }
            }));
  }

  /** See {@link ConnectionBudget#take}. */
  UpstreamConnection connect(Priority priority, Duration patience) {
    return connections.take(priority, patience);
  }

  /** See {@link RedirectingClient#isWarm}. */
  boolean isWarm() {
    return http.isWarm();
  }

  /** See {@link PullAllowance#isShort}. */
  boolean isShortOfPulls() {
    return allowance.isShort();
  }

  /** How the upstream is doing, as far as was seen. */
  UpstreamHealth health() {
    return new UpstreamHealth(
        http.rest(),
        settings.network().maxConnections(),
        connections.used(),
        connections.waiting(),
        allowance.left());
  }

  /** Throws what an answer means that is not 200. */
  void requireOk(UpstreamResponse response, Question question) {
    if (response.status() != 200) {
      throw refusals.exception(response, question.toString());
    }
  }

  /** See {@link WarmClients#retire}. */
  void retire() {
    http.retire();
  }

  /** Gives up every request under way. */
  @Override
  public void close() {
    http.close();
  }

  private <T> T read(Question question, Answer<T> answer) {
    UpstreamResponse response = exchange(question);
    try {
      return answer.read(response);
    } catch (IOException e) {
      throw new UpstreamException.Unreachable(
          "answer of %s to %s could not be read: %s"
              .formatted(settings.name(), question, e.getMessage()),
          e);
    } finally {
      if (response.status() == 200 && question.method().equals("GET")) {
        response.close();
      } else {
        response.body().discard();
      }
    }
  }

  private UpstreamResponse exchange(Question question) {
    RepositoryName remote = settings.addressing().remote(question.repository());
    URI uri = URI.create("%s/v2/%s/%s".formatted(settings.endpoint(), remote, question.tail()));
    if (question.operation() != Operation.BLOB_GET) {
      return exchange(question, remote, uri);
    }
    Optional<UpstreamResponse> direct = direct(question, uri);
    if (direct.isPresent()) {
      return direct.get();
    }
    UpstreamResponse response = exchange(question, remote, uri);
    addresses.learn(uri, response);
    return response;
  }

  /** Asks where the upstream sent us for this blob a moment ago; empty if that is of no use. */
  private Optional<UpstreamResponse> direct(Question question, URI uri) {
    Optional<URI> known = addresses.of(uri);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    try {
      UpstreamResponse response =
          http.send(question.method(), known.get(), question.headers(), null);
      if (BlobAddresses.isContent(response)) {
        return Optional.of(response);
      }
      response.body().discard();
    } catch (UpstreamException _) {
      // The upstream may know another address, and says what is wrong if it does not.
    }
    addresses.forget(uri);
    return Optional.empty();
  }

  /** Sends a question, with a fresh token if the upstream wants one. */
  private UpstreamResponse exchange(Question question, RepositoryName remote, URI uri) {
    var login =
        new TokenClient.Login(
            "repository:%s:pull".formatted(remote),
            settings.credentials().of(question.repository()));
    String known = tokens.known(login.scope()).orElse(null);
    UpstreamResponse first = http.send(question.method(), uri, question.headers(), known);
    // Only the upstream itself may ask for credentials, not a host that it sent us on to.
    if (first.status() != 401 || first.redirected()) {
      return noted(first);
    }
    first.body().discard();
    String renewed = tokens.renew(login, first.headerValues("WWW-Authenticate"), known);
    return noted(http.send(question.method(), uri, question.headers(), renewed));
  }

  private UpstreamResponse noted(UpstreamResponse response) {
    allowance.learn(response).ifPresent(left -> observer.pullsLeft(settings.name(), left));
    return response;
  }

  private <T> T observed(Operation operation, Supplier<T> call) {
    try {
      T result = call.get();
      observer.requested(settings.name(), operation, Outcome.OK);
      return result;
    } catch (UpstreamException e) {
      observer.requested(settings.name(), operation, Outcome.of(e));
      throw e;
    }
  }

  /** Tries again what did not reach the upstream, unless that took long already. */
  private <T> T retrying(Supplier<T> call) {
    long giveUp = System.nanoTime() + settings.network().responseTimeout().toNanos() / 2;
    for (int failures = 1; ; failures++) {
      try {
        return call.get();
      } catch (UpstreamException.Unreachable e) {
        if (failures > RETRIES
            || System.nanoTime() - giveUp > 0
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        BACKOFF.pause(failures);
      }
    }
  }
}
