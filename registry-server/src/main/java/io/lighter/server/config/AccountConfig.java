package io.lighter.server.config;

import io.lighter.oci.RepositoryName;
import io.lighter.server.upstream.CredentialsByPath;
import io.lighter.server.upstream.UpstreamCredentials;
import java.nio.file.Path;

/** An account for a part of an upstream, as it is configured. */
public record AccountConfig(
    @Key(
            "the repository of that name and all below it, as clients write them; the longest prefix counts")
        String prefix,
    @Key("account for them") String username,
    @Key("file of its password or token, read whenever it is needed") Path passwordFile) {
  public AccountConfig {
    var _ = path(prefix, username, passwordFile);
  }

  CredentialsByPath.Path path() {
    return path(prefix, username, passwordFile);
  }

  private static CredentialsByPath.Path path(String prefix, String username, Path passwordFile) {
    return new CredentialsByPath.Path(
        repositories(prefix), new UpstreamCredentials(username, passwordFile));
  }

  /** The name that a prefix is, without the slash that may end it. */
  static RepositoryName repositories(String prefix) {
    return RepositoryName.parse(
        prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
  }
}
