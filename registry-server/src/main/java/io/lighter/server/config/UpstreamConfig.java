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
 */
public record UpstreamConfig(
    @Key(
            "reference host as in image names, lower case, with its port if it has one; it has a dot or a port, or is `localhost`")
        String name,
    @Key("`https://HOST[:PORT][/PATH]` or `http://…`, without `/v2/`") URI endpoint,
    @Key(
            value =
                "values of the `Host` header, with or without a port, by which a request means this upstream if neither `?ns=` nor `OCI-Namespace` says otherwise: for clients that can be told another host and nothing more. Each of them once",
            shown = "none")
        Optional<List<String>> hosts,
    @Key(
            value =
                "what the registry there has before the names: with `mirror/docker`, `library/nginx` is asked for as `mirror/docker/library/nginx`",
            shown = "none")
        Optional<String> prefix,
    @Key(
            value = "how long a tag is answered without asking upstream whether it moved",
            shown = "`1m`")
        Optional<Duration> tagTtl,
    @Key(
            value =
                "how long upstream is not asked again for what it did not have or refused; `0` asks every time",
            shown = "`10s`")
        Optional<Duration> negativeTtl,
    @Key(
            value =
                "whether a known tag is served as last confirmed while upstream does not confirm it ([what clients get](operations.md#when-an-upstream-misbehaves))",
            shown = "as below")
        Optional<StaleConfig> stale,
    @Key(value = "account there; goes together with `passwordFile`", shown = "none")
        Optional<String> username,
    @Key(
            value =
                "file of the account's password or token. It is read whenever the password is needed, so it can be rotated; a file that cannot be read stops the start",
            shown = "none")
        Optional<Path> passwordFile,
    @Key(
            value = "accounts for parts of it; `username` above is for what none covers",
            shown = "none")
        Optional<List<AccountConfig>> credentials,
    @Key(
            value =
                "cap on connections to it, from 2 to 1000; a quarter is kept from downloads, an eighth is the most that background work gets; more wait",
            shown = "`32`")
        Optional<Integer> maxConnections,
    @Key(
            value =
                "how many of them a download that somebody waits for may have, from 1 to 16; 1 where upstream asks for it",
            shown = "`2`")
        Optional<Integer> connectionsPerBlob,
    @Key(
            value =
                "whether blobs that clients have read parts of are fetched to their ends when nobody waits for them",
            shown = "`true`")
        Optional<Boolean> fill,
    @Key(
            value =
                "HTTP proxy on the way there, `http://HOST:PORT`; the environment's proxy variables are not read",
            shown = "none")
        Optional<URI> proxy,
    @Key(
            value =
                "PEM file of certificate authorities that are trusted beside the system's; read when the upstream is added or changes",
            shown = "none")
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
