package io.lighter.server.config;

import java.net.URI;
import java.util.Optional;

/** Traces of what the server does. */
public record TracingConfig(
    @Key(
            "address of a receiver of OTLP over HTTP that spans are sent to, such as `http://collector:4318`; without a path `/v1/traces` is added. Empty for none")
        String otlp,
    @Key(
            "which part of the requests is recorded whose clients say nothing about a trace, from 0 to 1. Who sends a `traceparent` decides by its flag himself")
        double sample) {
  /** Nothing is recorded. */
  public static final TracingConfig OFF = new TracingConfig("", 0);

  private static final String PATH = "/v1/traces";

  public TracingConfig {
    if (!(sample >= 0 && sample <= 1)) {
      throw new ConfigException("tracing.sample", sample, "a number from 0 to 1, such as 0.1");
    }
    var _ = receiver(otlp);
  }

  /** Where spans are posted to, if anywhere. */
  public Optional<URI> receiver() {
    return receiver(otlp);
  }

  /** Static, so that the constructor can have the value checked. */
  private static Optional<URI> receiver(String otlp) {
    if (otlp.isEmpty()) {
      return Optional.empty();
    }
    URI address;
    try {
      address = URI.create(otlp);
    } catch (IllegalArgumentException _) {
      throw notAllowed(otlp);
    }
    boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
    if (!web
        || address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      throw notAllowed(otlp);
    }
    String path = address.getRawPath();
    return Optional.of(path.isEmpty() || path.equals("/") ? address.resolve(PATH) : address);
  }

  private static ConfigException notAllowed(String otlp) {
    // What stands before an @ may be a password.
    String shown = otlp.indexOf('@') >= 0 ? "an address with a user" : otlp;
    return new ConfigException(
        "tracing.otlp",
        shown,
        "empty, or http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH], such as http://collector:4318");
  }
}
