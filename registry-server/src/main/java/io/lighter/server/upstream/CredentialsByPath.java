package io.lighter.server.upstream;

import io.lighter.oci.RepositoryName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Who Lighter is at an upstream, which may depend on the repository.
 *
 * @param otherwise for repositories that no path covers; anonymous if empty
 * @param paths for repositories of this name or below it; the longest one that fits counts
 */
public record CredentialsByPath(Optional<UpstreamCredentials> otherwise, List<Path> paths) {

  /** Nobody. */
  public static final CredentialsByPath NONE = new CredentialsByPath(Optional.empty(), List.of());

  /**
   * The account for a part of an upstream.
   *
   * @param prefix whole components of names, as clients write them
   * @param credentials the account
   */
  public record Path(RepositoryName prefix, UpstreamCredentials credentials) {
    private boolean covers(RepositoryName repository) {
      return repository.equals(prefix) || repository.value().startsWith(prefix.value() + '/');
    }
  }

  public CredentialsByPath {
    paths = List.copyOf(paths);
  }

  /** The same account everywhere. */
  public static CredentialsByPath of(Optional<UpstreamCredentials> credentials) {
    return new CredentialsByPath(credentials, List.of());
  }

  /** The account for a repository. */
  Optional<UpstreamCredentials> of(RepositoryName repository) {
    return paths.stream()
        .filter(path -> path.covers(repository))
        .max(Comparator.comparingInt(path -> path.prefix().value().length()))
        .map(Path::credentials)
        .or(() -> otherwise);
  }
}
