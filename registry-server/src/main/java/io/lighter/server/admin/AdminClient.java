package io.lighter.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the admin API of a running server. Blocking. */
public final class AdminClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String WHO_ASKS =
      ": the server has \"management.access: admins\"; give --user NAME with --password-file FILE, or --token-file FILE";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final String authority;
  private final String scheme;
  private final Optional<String> authorization;
  private final HttpClient client;

  /**
   * A client of one server.
   *
   * @param authority host and port of its management listener
   */
  public AdminClient(String authority) {
    this(authority, Optional.empty(), Optional.empty());
  }

  /**
   * A client of one server.
   *
   * @param authority host and port of its management listener
   * @param tls what it is reached with; empty for none
   * @param authorization the header that says who asks; empty for nobody
   */
  public AdminClient(String authority, Optional<SSLContext> tls, Optional<String> authorization) {
    this.authority = authority;
    this.authorization = authorization;
    this.scheme = tls.isPresent() ? "https://" : "http://";
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    tls.ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  /**
   * Has an operation done and hands out the lines of its answer as they come.
   *
   * @throws AdminException.Unreachable if no server answers, or the connection ends before the
   *     answer does
   * @throws AdminException.Refused if the server does not do it, or not to its end
   */
  public void call(String operation, Map<String, String> parameters, Consumer<JsonNode> lines) {
    call("POST", operation, parameters, null, lines);
  }

  /**
   * The same for operations that answer other methods.
   *
   * @param body null for none
   */
  public void call(
      String method,
      String operation,
      Map<String, String> parameters,
      byte @Nullable [] body,
      Consumer<JsonNode> lines) {
    var request =
        HttpRequest.newBuilder(uri(operation, parameters))
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    authorization.ifPresent(header -> request.header("Authorization", header));
    try {
      HttpResponse<Stream<String>> response = client.send(request.build(), BodyHandlers.ofLines());
      try (Stream<String> answer = response.body()) {
        if (response.statusCode() >= 300) {
          throw new AdminException.Refused(
              refusal(response.statusCode(), answer.collect(Collectors.joining("\n"))));
        }
        answer.filter(line -> !line.isBlank()).forEach(line -> take(line, lines));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new AdminException.Unreachable(
          "no server answers at %s: %s; start one with \"lighter serve\", or say with --management where its management listener is"
              .formatted(authority, e),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AdminException.Unreachable("interrupted", e);
    }
  }

  private URI uri(String operation, Map<String, String> parameters) {
    String query =
        parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    return URI.create(
        scheme + authority + AdminRoutes.PREFIX + operation + (query.isEmpty() ? "" : "?" + query));
  }

  private static void take(String line, Consumer<JsonNode> lines) {
    JsonNode document = JSON.readTree(line);
    if (document.hasNonNull("error")) {
      throw new AdminException.Refused(document.get("error").asString());
    }
    lines.accept(document);
  }

  private static String refusal(int status, String body) {
    try {
      JsonNode document = JSON.readTree(body);
      if (document != null && document.hasNonNull("error")) {
        String error = document.get("error").asString();
        return status == 401 ? error + WHO_ASKS : error;
      }
    } catch (JacksonException _) {
      // Not from an admin API; the status says what can be said.
    }
    return "the server answered %d; is this the management listener of a Lighter of this version?"
        .formatted(status);
  }

  @Override
  public void close() {
    client.close();
  }
}
