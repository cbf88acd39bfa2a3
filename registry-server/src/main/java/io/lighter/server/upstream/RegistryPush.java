package io.lighter.server.upstream;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.Reference;
import io.lighter.oci.RepositoryName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One registry, told by the push half of the OCI Distribution Specification. Every method blocks
 * and throws an {@link UpstreamException}; what can succeed when tried again is tried again,
 * briefly. All of them may be called twice with the same effect.
 *
 * <p>Thread-safe.
 */
public final class RegistryPush implements AutoCloseable {
  private static final int RETRIES = 2;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200));

  /** A registry that takes in less than 1 MiB in a second is taken for stalled. */
  private static final long LEAST_BYTES_PER_SECOND = 1 << 20;

  private static final Duration COMMIT_TIMEOUT = Duration.ofMinutes(2);

  private final UpstreamSettings settings;
  private final WarmClients clients;
  private final RedirectingClient tokenRequests;
  private final TokenClient tokens;
  private final RefusedAnswers refusals;
  private final AddressGuard addresses;

  /** A body that can be sent more than once. */
  @FunctionalInterface
  private interface Body {
    BodyPublisher open() throws FileNotFoundException;
  }

  private record Order(
      String method,
      RepositoryName repository,
      URI uri,
      Map<String, String> headers,
      Body body,
      Duration timeout) {

    /** Without the query, which a registry may have put secrets into. */
    @Override
    public String toString() {
      return "%s %s".formatted(method, uri.getPath());
    }
  }

  /**
   * @param clock tells when a token expires
   */
  public RegistryPush(UpstreamSettings settings, Clock clock) {
    this.settings = settings;
    this.clients = WarmClients.of(settings);
    this.addresses = AddressGuard.of(settings);
    this.tokenRequests = new RedirectingClient(settings, addresses);
    this.refusals = new RefusedAnswers(settings.name(), clock);
    this.tokens = new TokenClient(settings, tokenRequests, refusals, clock);
  }

  /** Whether a repository has a blob. */
  public boolean has(RepositoryName repository, Digest blob) {
    return retrying(() -> {
      Order order = order("HEAD", repository, "blobs/" + blob);
      try (UpstreamResponse answer = send(order)) {
        return switch (answer.status()) {
          case 200, 307 -> true;
          case 404 -> false;
          default -> throw refusals.exception(answer, order.toString());
        };
      }
    });
  }

  /**
   * Makes a blob of one repository readable through another of the same registry.
   *
   * @return false if the registry does not do that, for any reason
   */
  public boolean mount(RepositoryName repository, Digest blob, RepositoryName from) {
    String query =
        "blobs/uploads/?mount=%s&from=%s".formatted(blob, settings.addressing().remote(from));
    try (UpstreamResponse answer = send(order("POST", repository, query))) {
      // 202 begins an upload instead, which the registry forgets by itself.
      return answer.status() == 201;
    } catch (UpstreamException.Denied e) {
      return false;
    }
  }

  /**
   * Uploads a blob.
   *
   * @param content its bytes, which the registry checks against the digest
   */
  public void blob(RepositoryName repository, Digest digest, Path content) {
    retrying(() -> {
      URI upload = beginUpload(repository);
      String query = (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest;
      var put =
          new Order(
              "PUT",
              repository,
              URI.create(upload + query),
              Map.of("Content-Type", "application/octet-stream"),
              () -> BodyPublishers.ofFile(content),
              timeout(content));
      requireStatus(put, 201);
      return digest;
    });
  }

  /** Stores a manifest under its digest or a tag. All that it names must be there. */
  public void manifest(RepositoryName repository, Manifest manifest, Reference reference) {
    Order plain = order("PUT", repository, "manifests/" + reference);
    var put =
        new Order(
            "PUT",
            repository,
            plain.uri(),
            Map.of("Content-Type", manifest.mediaType()),
            () -> BodyPublishers.ofByteArray(manifest.content()),
            COMMIT_TIMEOUT);
    retrying(() -> {
      requireStatus(put, 201);
      return manifest;
    });
  }

  @Override
  public void close() {
    clients.close();
    tokenRequests.close();
  }

  private URI beginUpload(RepositoryName repository) {
    Order post = order("POST", repository, "blobs/uploads/");
    try (UpstreamResponse answer = send(post)) {
      if (answer.status() != 202) {
        throw refusals.exception(answer, post.toString());
      }
      URI location = RedirectingClient.nextHop(settings.name(), post.uri(), answer.headers());
      addresses.check(location);
      return location;
    }
  }

  private void requireStatus(Order order, int status) {
    try (UpstreamResponse answer = send(order)) {
      if (answer.status() != status) {
        throw refusals.exception(answer, order.toString());
      }
    }
  }

  private Order order(String method, RepositoryName repository, String tail) {
    return new Order(
        method,
        repository,
        URI.create(
            "%s/v2/%s/%s"
                .formatted(settings.endpoint(), settings.addressing().remote(repository), tail)),
        Map.of(),
        BodyPublishers::noBody,
        settings.network().responseTimeout());
  }

  /** Sends an order, with a fresh token if the registry wants one. */
  private UpstreamResponse send(Order order) {
    var login =
        new TokenClient.Login(
            "repository:%s:pull,push".formatted(settings.addressing().remote(order.repository())),
            settings.credentials().of(order.repository()));
    // An address that the registry has named elsewhere carries its own right.
    boolean home = UpstreamResponse.sameOrigin(order.uri(), settings.endpoint());
    @Nullable String known = home ? tokens.known(login.scope()).orElse(null) : null;
    UpstreamResponse first = exchange(order, known);
    if (first.status() != 401 || !home) {
      return first;
    }
    first.body().discard();
    return exchange(order, tokens.renew(login, first.headerValues("WWW-Authenticate"), known));
  }

  private UpstreamResponse exchange(Order order, @Nullable String authorization) {
    WarmClients.Loan loan = clients.take();
    boolean answered = false;
    try {
      var request =
          HttpRequest.newBuilder(order.uri())
              .timeout(order.timeout())
              .method(order.method(), order.body().open());
      order.headers().forEach(request::header);
      request.header("User-Agent", "lighter");
      if (authorization != null) {
        request.header("Authorization", authorization);
      }
      HttpResponse<BodyStream> answer =
          loan.client().send(request.build(), _ -> new BodyStream(loan));
      answered = true;
      return new UpstreamResponse(
          answer.statusCode(), answer.headers(), answer.body(), Optional.empty());
    } catch (IOException e) {
      throw unreachable(order, RedirectingClient.reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(order, "stopped", e);
    } finally {
      if (!answered) {
        loan.giveBackWithoutConnection();
      }
    }
  }

  private UpstreamException unreachable(Order order, String why, Exception cause) {
    return new UpstreamException.Unreachable(
        "%s did not answer %s: %s".formatted(settings.name(), order, why), cause);
  }

  private Duration timeout(Path content) {
    try {
      return COMMIT_TIMEOUT.plusSeconds(Files.size(content) / LEAST_BYTES_PER_SECOND);
    } catch (IOException e) {
      return COMMIT_TIMEOUT;
    }
  }

  private static <T> T retrying(Supplier<T> call) {
    for (int failures = 1; ; failures++) {
      try {
        return call.get();
      } catch (UpstreamException.Unreachable e) {
        if (failures > RETRIES || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        BACKOFF.pause(failures);
      }
    }
  }
}
