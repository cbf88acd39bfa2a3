package io.lighter.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.lighter.server.tls.TrustedAuthorities;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the keys that an issuer signs with, from a file, an address, or the address that he names
 * himself. Follows no redirect. Thread-safe; blocks.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long MAX_BYTES = 1 << 20;

  private final IssuerSettings settings;
  private final Optional<SSLContext> trust;
  private volatile boolean answered;

  /**
   * Nothing is fetched yet.
   *
   * @throws io.lighter.server.tls.TlsException if the authorities are no certificates
   */
  IssuerKeys(IssuerSettings settings) {
    this.settings = settings;
    this.trust = settings.caCertificates().map(TrustedAuthorities::withSystems);
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long currentTime, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      URI address = settings.keys().isPresent() ? settings.keys().get() : discovered();
      JWKSet keys = JWKSet.parse(read(address));
      answered = true;
      return keys;
    } catch (IOException | ParseException | IllegalArgumentException e) {
      answered = false;
      throw new JWKSetRetrievalException(
          "access.issuers: no keys of %s: %s".formatted(settings.name(), e.getMessage()), e);
    }
  }

  /** Whether the keys were there when they were asked for last. */
  boolean answered() {
    return answered;
  }

  private URI discovered() throws IOException, ParseException {
    String issuer = settings.issuer();
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    Map<String, Object> said =
        JSONObjectUtils.parse(read(URI.create(base + "/.well-known/openid-configuration")));
    if (!issuer.equals(JSONObjectUtils.getString(said, "issuer"))) {
      throw new IOException("whoever answers there says to be " + said.get("issuer"));
    }
    URI keys = JSONObjectUtils.getURI(said, "jwks_uri");
    if (keys == null) {
      throw new IOException("the issuer names no jwks_uri");
    }
    if (!"https".equals(keys.getScheme()) && !isBeside(URI.create(issuer), keys)) {
      throw new IOException("the issuer names a jwks_uri that is not https: " + keys);
    }
    return keys;
  }

  /** Where the configuration has allowed to do without TLS. */
  private static boolean isBeside(URI issuer, URI keys) {
    return Objects.equals(issuer.getScheme(), keys.getScheme())
        && Objects.equals(issuer.getAuthority(), keys.getAuthority());
  }

  private String read(URI address) throws IOException {
    if ("file".equals(address.getScheme())) {
      return Files.readString(Path.of(address));
    }
    var request =
        HttpRequest.newBuilder(address).timeout(PATIENCE).header("Accept", "application/json");
    if (settings.bearerFile().isPresent()) {
      request.header(
          "Authorization", "Bearer " + Files.readString(settings.bearerFile().get()).strip());
    }
    var client = HttpClient.newBuilder().connectTimeout(PATIENCE);
    trust.ifPresent(client::sslContext);
    HttpResponse<String> answer;
    try (HttpClient http = client.build()) { // Seldom, so none is kept.
      answer =
          http.send(
              request.build(), BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MAX_BYTES));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (answer.statusCode() != 200) {
      throw new IOException("%s answers %d".formatted(address, answer.statusCode()));
    }
    return answer.body();
  }

  @Override
  public void close() {
    // Nothing is kept open.
  }
}
