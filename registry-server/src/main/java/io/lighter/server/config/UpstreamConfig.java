package io.lighter.server.config;

import io.lighter.server.upstream.Addressing;
import io.lighter.server.upstream.CredentialsByPath;
import io.lighter.server.upstream.Freshness;
import io.lighter.server.upstream.Network;
import io.lighter.server.upstream.UpstreamCredentials;
import io.lighter.server.upstream.UpstreamSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A registry to pull through from, as it is configured. What is left out has the default of {@link
 * UpstreamSettings}.
 *
 * @param name reference host
 * @param endpoint where its API is
 * @param hosts values of {@code Host} that mean it
 * @param prefix what it has before the names of its repositories
 * @param tagTtl how long a tag is answered without asking
 * @param negativeTtl how long upstream is not asked again for what it refused
 * @param stale what is answered when upstream does not confirm a tag
 * @param username account, if not anonymous
 * @param passwordFile file that holds the account's password or token
 * @param credentials accounts for parts of it
 * @param maxConnections cap on connections
 * @param connectionsPerBlob how many a download may have
 * @param fill whether what was read in part is fetched to its end
 * @param proxy HTTP proxy on the way
 * @param caCertificates file of authorities that are trusted beside the system's
 */
public record UpstreamConfig(
    String name,
    URI endpoint,
    Optional<List<String>> hosts,
    Optional<String> prefix,
    Optional<Duration> tagTtl,
    Optional<Duration> negativeTtl,
    Optional<StaleConfig> stale,
    Optional<String> username,
    Optional<Path> passwordFile,
    Optional<List<AccountConfig>> credentials,
    Optional<Integer> maxConnections,
    Optional<Integer> connectionsPerBlob,
    Optional<Boolean> fill,
    Optional<URI> proxy,
    Optional<Path> caCertificates) {

  public UpstreamConfig {
    if (username.isPresent() != passwordFile.isPresent()) {
      throw new IllegalArgumentException(
          username.isPresent()
              ? "it has a username, but no passwordFile; allowed: both or neither"
              : "it has a passwordFile, but no username; allowed: both or neither");
    }
    var _ =
        new UpstreamSettings(
            name,
            endpoint,
            addressing(hosts, prefix),
            freshness(tagTtl, negativeTtl, stale),
            accounts(username, passwordFile, credentials),
            network(maxConnections, connectionsPerBlob, fill, proxy, caCertificates));
  }

  /** An anonymous upstream with the defaults. */
  static UpstreamConfig of(String name, URI endpoint) {
    return new UpstreamConfig(
        name,
        endpoint,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  UpstreamSettings settings() {
    return new UpstreamSettings(
        name,
        endpoint,
        addressing(hosts, prefix),
        freshness(tagTtl, negativeTtl, stale),
        accounts(username, passwordFile, credentials),
        network(maxConnections, connectionsPerBlob, fill, proxy, caCertificates));
  }

  /** Every file that is needed from the start on, by the key that names it. */
  Map<String, Path> files() {
    var files = new LinkedHashMap<String, Path>();
    caCertificates.ifPresent(file -> files.put("caCertificates", file));
    passwordFile.ifPresent(file -> files.put("passwordFile", file));
    List<AccountConfig> accounts = credentials.orElse(List.of());
    for (int i = 0; i < accounts.size(); i++) {
      files.put("credentials[%d].passwordFile".formatted(i), accounts.get(i).passwordFile());
    }
    return files;
  }

  // Static, so that the constructor can have the values checked.

  private static Addressing addressing(Optional<List<String>> hosts, Optional<String> prefix) {
    return new Addressing(hosts.orElse(List.of()), prefix.map(AccountConfig::repositories), false);
  }

  private static Freshness freshness(
      Optional<Duration> tagTtl, Optional<Duration> negativeTtl, Optional<StaleConfig> stale) {
    Freshness other = Freshness.DEFAULT;
    return new Freshness(
        tagTtl.orElse(other.tagTtl()),
        negativeTtl.orElse(other.negativeTtl()),
        stale.map(StaleConfig::policy).orElse(other.stale()));
  }

  private static CredentialsByPath accounts(
      Optional<String> username,
      Optional<Path> passwordFile,
      Optional<List<AccountConfig>> credentials) {
    return new CredentialsByPath(
        username.flatMap(user -> passwordFile.map(file -> new UpstreamCredentials(user, file))),
        credentials.orElse(List.of()).stream().map(AccountConfig::path).toList());
  }

  private static Network network(
      Optional<Integer> maxConnections,
      Optional<Integer> connectionsPerBlob,
      Optional<Boolean> fill,
      Optional<URI> proxy,
      Optional<Path> caCertificates) {
    Network other = Network.DEFAULT;
    return new Network(
        maxConnections.orElse(other.maxConnections()),
        connectionsPerBlob.orElse(other.connectionsPerBlob()),
        fill.orElse(other.fill()),
        proxy,
        caCertificates,
        other.connectTimeout(),
        other.responseTimeout(),
        other.stallTimeout());
  }
}
