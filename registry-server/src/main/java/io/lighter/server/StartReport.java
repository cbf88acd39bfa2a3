package io.lighter.server;

import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.server.command.Version;
import io.lighter.server.config.ListenAddress;
import io.lighter.server.config.MemoryBudget;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.config.TlsConfig;
import io.lighter.server.tls.ListenerTls;
import io.lighter.server.upstream.UpstreamSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.Logger;

/** The lines that a start prints: what was configured has effect, and which caps hold. */
record StartReport(
    ServerConfig config,
    MemoryBudget memory,
    Listeners listeners,
    GzipEncoders encoders,
    Path data) {

  void log(Logger log) {
    log.info("Lighter {} is ready", Version.text());
    log.info(
        "  registry    {}{}",
        scheme(config.http().tls()),
        at(config.http().listen(), listeners.registryPort()));
    log.info(
        "  management  {}{}",
        scheme(config.management().tls()),
        at(config.management().listen(), listeners.managementPort()));
    if (config.http().tls().files().isPresent()) {
      log.info("  TLS         1.3 and 1.2, by {}", ListenerTls.engine());
    }
    log.info("  data        {}", data.toAbsolutePath().normalize());
    log.info("  upstreams   {}", upstreams());
    log.info(
        "  views       mirrored: {}, hosted: {}; {} rules, {} patterns of what stays as it is",
        lower(config.conversion().mirrored()),
        lower(config.conversion().hosted()),
        config.conversion().rules().size(),
        config.conversion().exclude().size());
    log.info("  conversion  {} worker(s), encoder {}", config.conversion().workers(), encoders);
    log.info(
        "  caps        {} connections, {} requests, {} uploads and {} downloads at once, {} unfinished uploads, pushed blobs of {}, {} open blobs",
        config.http().maxConnections(),
        config.http().maxRequests(),
        config.limits().uploads(),
        config.limits().fills(),
        config.storage().maxUploads(),
        config.http().maxBlobSize().bytes() == 0 ? "any size" : config.http().maxBlobSize(),
        config.storage().openBlobs());
    log.info("  memory      {}", memory);
    log.info(
        "  cache       {}, and {} of the disk stay free",
        config.storage().capacity().bytes() == 0
            ? "no cap"
            : config.storage().capacity().rounded() + " at most",
        config.storage().freeSpace());
    log.info("  disk        {} stay free of pushes and downloads", config.storage().minFree());
    log.info(
        "  timeouts    headers {}, stalled body {}, idle connection {}",
        seconds(config.http().headerTimeout()),
        seconds(config.http().bodyTimeout()),
        seconds(config.http().idleTimeout()));
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private String upstreams() {
    String others = config.openWorld() ? "any other public host" : "none";
    if (config.upstreams().isEmpty()) {
      return others;
    }
    String named =
        config.upstreamSettings().stream().map(this::describe).collect(Collectors.joining(", "));
    return config.openWorld() ? named + ", and " + others : named;
  }

  private String describe(UpstreamSettings upstream) {
    String target =
        upstream.endpoint().toString().equals("https://" + upstream.name())
            ? upstream.name()
            : upstream.name() + " = " + upstream.endpoint();
    return upstream.name().equals(config.defaultUpstream()) ? target + " (default)" : target;
  }

  private static String scheme(TlsConfig tls) {
    return tls.files().isPresent() ? "https://" : "http://";
  }

  private static String at(ListenAddress address, int port) {
    return new ListenAddress(address.host(), port).toString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
