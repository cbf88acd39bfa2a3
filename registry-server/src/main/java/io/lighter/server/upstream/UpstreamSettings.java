package io.lighter.server.upstream;

import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.RepositoryName;
import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * One registry that Lighter pulls through from.
 *
 * @param name its reference host as people write it in image names, with its port if it has one:
 *     {@code docker.io}
 * @param endpoint where its API is, without {@code /v2/}: {@code https://registry-1.docker.io}
 * @param addressing how names lead there
 * @param freshness how long what it said is good for
 * @param credentials who Lighter is there
 * @param network how it is reached
 */
public record UpstreamSettings(
    String name,
    URI endpoint,
    Addressing addressing,
    Freshness freshness,
    CredentialsByPath credentials,
    Network network) {

  private static final Pattern HOST_HEADER =
      Pattern.compile("([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");

  public UpstreamSettings {
    requireHost(name);
    endpoint = requireEndpoint(name, endpoint);
    for (String host : addressing.hosts()) {
      requireHostHeader(name, host);
    }
    requireNotNegative(name, "tagTtl", freshness.tagTtl());
    requireNotNegative(name, "negativeTtl", freshness.negativeTtl());
    Network.requirePositive(name, "stale.patience", freshness.stale().patience());
    String upstream = name;
    freshness
        .stale()
        .maxAge()
        .ifPresent(age -> Network.requirePositive(upstream, "stale.maxAge", age));
    network.requireValid(name);
  }

  /** An anonymous upstream with the default limits. */
  public static UpstreamSettings of(String name, URI endpoint) {
    return new UpstreamSettings(
        name,
        endpoint,
        Addressing.PLAIN,
        Freshness.DEFAULT,
        CredentialsByPath.NONE,
        Network.DEFAULT);
  }

  UpstreamSettings withAddressing(Addressing other) {
    return new UpstreamSettings(name, endpoint, other, freshness, credentials, network);
  }

  private static void requireHost(String name) {
    // A bare word would take hosted repositories that begin with it away.
    boolean host = name.indexOf('.') > 0 || name.indexOf(':') > 0 || name.equals("localhost");
    if (!host || name.indexOf('/') >= 0 || !isRepositoryComponent(name)) {
      throw invalid(
          name,
          "name",
          name,
          "a lower-case host with a dot or a port, such as docker.io or registry:5000");
    }
  }

  private static void requireHostHeader(String name, String host) {
    if (!HOST_HEADER.matcher(host).matches()) {
      throw invalid(name, "hosts", host, "lower-case hosts, each with a port if it has one");
    }
  }

  private static boolean isRepositoryComponent(String name) {
    try {
      return new RepositoryName(name).value().equals(name);
    } catch (InvalidReferenceException e) {
      return false;
    }
  }

  private static URI requireEndpoint(String name, URI endpoint) {
    String scheme = endpoint.getScheme();
    if (!("https".equals(scheme) || "http".equals(scheme))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null
        || endpoint.getRawFragment() != null) {
      // User information is a secret: the address is not repeated when it may hold one.
      Object shown = endpoint.getRawUserInfo() == null ? endpoint : "an address with a user";
      throw invalid(
          name, "endpoint", shown, "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]");
    }
    String text = endpoint.toString();
    return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : endpoint;
  }

  private static void requireNotNegative(String name, String field, Duration value) {
    if (value.isNegative()) {
      throw invalid(name, field, value, "zero or more");
    }
  }

  private static InvalidSettingException invalid(
      String name, String field, Object value, String allowed) {
    return new InvalidSettingException(name, field, value, allowed);
  }
}
