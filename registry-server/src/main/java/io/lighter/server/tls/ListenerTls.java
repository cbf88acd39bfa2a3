package io.lighter.server.tls;

import io.lighter.server.watch.FileSnapshot;
import io.lighter.server.watch.FileWatch;
import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.Future;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one listener. A client may show a certificate if there are authorities to check it
 * with; one that does not pass ends the handshake. Thread-safe.
 *
 * <p>Only HTTP/1.1 is offered: over HTTP/2 the same bytes cost about twice the processor time (see
 * docs/performance.md), and connections to a registry are few and busy.
 */
public final class ListenerTls {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerTls.class);
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

  private final String section;
  private final TlsFiles files;
  private final Clock clock;
  private final FileSnapshot first;
  private volatile TlsMaterial current;

  private ListenerTls(String section, TlsFiles files, Clock clock) {
    this.section = section;
    this.files = files;
    this.clock = clock;
    try {
      this.first = FileSnapshot.of(files.all());
    } catch (UncheckedIOException e) {
      throw new TlsException(section + ": " + e.getMessage(), e);
    }
    this.current = TlsMaterial.parse(section, files, first);
    warn(current);
  }

  /**
   * Reads the files. A certificate that has expired is only warned of: most clients refuse it, and
   * say so better than a server that does not start.
   *
   * @param section of the configuration, for messages
   * @throws TlsException if they are not what they should be
   */
  public static ListenerTls load(String section, TlsFiles files, Clock clock) {
    return new ListenerTls(section, files, clock);
  }

  /** The engine that connections are encrypted by. */
  public static String engine() {
    return OpenSsl.isAvailable() ? "BoringSSL" : "JDK";
  }

  /** Has a listener that is about to start speak TLS. */
  public HttpServerOptions secure(HttpServerOptions options) {
    options
        .setSsl(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_1_1))
        .setSslEngineOptions(engineOptions())
        .setUseAlpn(true);
    show(current, options.getSslOptions());
    return options;
  }

  private static SSLEngineOptions engineOptions() {
    return OpenSsl.isAvailable() ? new OpenSSLEngineOptions() : new JdkSSLEngineOptions();
  }

  /**
   * Looks after the files: what is in them is shown to new connections some seconds after they were
   * replaced. Those that are open stay as they are.
   *
   * @param update has the listener take other settings
   */
  public void follow(FileWatch watch, Function<ServerSSLOptions, Future<?>> update) {
    watch.watch(
        first,
        content -> {
          TlsMaterial material = TlsMaterial.parse(section, files, content);
          warn(material);
          update
              .apply(show(material, new ServerSSLOptions()))
              .onSuccess(_ -> {
                current = material;
                LOG.info(
                    "{}: the certificate in {} was replaced, valid until {}",
                    section,
                    files.certificate(),
                    material.certificate().getNotAfter().toInstant());
              })
              .onFailure(e -> LOG.error("{}: the certificate was not replaced", section, e));
        });
  }

  private static ServerSSLOptions show(TlsMaterial material, ServerSSLOptions options) {
    options
        .setUseAlpn(true)
        .setApplicationLayerProtocols(List.of(HttpVersion.HTTP_1_1.alpnName()))
        .setEnabledSecureTransportProtocols(PROTOCOLS)
        .setKeyCertOptions(material.identity());
    material
        .authorities()
        .ifPresent(authorities ->
            options
                .setClientAuth(ClientAuth.REQUEST)
                .setTrustOptions(TrustOptions.wrap(authorities)));
    return options;
  }

  private void warn(TlsMaterial material) {
    material
        .warning(clock.instant())
        .ifPresent(
            text -> LOG.warn("{}: the certificate in {} {}", section, files.certificate(), text));
  }

  /** Whether clients are asked for a certificate. */
  public boolean asksClients() {
    return files.clientAuthorities().isPresent();
  }

  /** Until when the certificate is valid that is shown now. */
  public Instant expires() {
    return current.certificate().getNotAfter().toInstant();
  }
}
