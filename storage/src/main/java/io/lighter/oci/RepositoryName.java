package io.lighter.oci;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a repository: components of {@code [a-z0-9]+} joined by single separators, joined by
 * slashes, at most 255 characters (OCI Distribution Specification, "Pulling manifests").
 *
 * <p>The first component may carry a port ({@code registry.example:5000/app}), which the grammar of
 * a request path does not allow: that is the name of a mirrored repository, made by {@link
 * #mirrored} and never by {@link #parse}.
 *
 * @param value the whole name
 */
public record RepositoryName(String value) implements Comparable<RepositoryName> {

  /** Longest name; with a host in front, clients refuse more than this as well. */
  public static final int MAX_LENGTH = 255;

  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern GRAMMAR = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
  private static final Pattern MIRRORED =
      Pattern.compile(COMPONENT + "(?::[0-9]{1,5})?(?:/" + COMPONENT + ")*");

  public RepositoryName {
    if (value.length() > MAX_LENGTH || !MIRRORED.matcher(value).matches()) {
      throw invalid(value);
    }
  }

  /**
   * Parses a name as it stands in a request path.
   *
   * @throws InvalidReferenceException if the text does not match the grammar
   */
  public static RepositoryName parse(String text) {
    return tryParse(text).orElseThrow(() -> invalid(text));
  }

  /** Parses a name as it stands in a request path; empty if it does not match the grammar. */
  public static Optional<RepositoryName> tryParse(String text) {
    return text.length() <= MAX_LENGTH && GRAMMAR.matcher(text).matches()
        ? Optional.of(new RepositoryName(text))
        : Optional.empty();
  }

  /**
   * The local name of a repository of another registry.
   *
   * @param host reference host of the registry, with its port if it has one
   * @param path the repository's name there
   * @throws InvalidReferenceException if both together are not a repository name
   */
  public static RepositoryName mirrored(String host, RepositoryName path) {
    return new RepositoryName(host + '/' + path.value);
  }

  /** The first component: what quotas and shares are counted by. */
  public String namespace() {
    int slash = value.indexOf('/');
    return slash < 0 ? value : value.substring(0, slash);
  }

  /** Byte-wise, as the catalog is ordered. */
  @Override
  public int compareTo(RepositoryName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }

  private static InvalidReferenceException invalid(String text) {
    return new InvalidReferenceException(
        OciErrorCode.NAME_INVALID,
        "not a repository name: \"%s\"; allowed are lower-case letters and digits, joined by \".\", \"_\", \"__\", \"-\" or \"/\", at most %d characters"
            .formatted(InvalidReferenceException.excerpt(text), MAX_LENGTH));
  }
}
