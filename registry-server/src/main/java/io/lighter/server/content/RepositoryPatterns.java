package io.lighter.server.content;

import io.lighter.oci.RepositoryName;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A set of repositories by patterns of their names: {@code *} stands for anything within a
 * component, {@code **} for any number of components. Immutable.
 */
public final class RepositoryPatterns {
  private static final String ALL = "**";

  private final List<Pattern> patterns;
  private final boolean all;

  /**
   * Repositories that match any of these patterns.
   *
   * @throws IllegalArgumentException if a pattern holds anything but name characters and stars
   */
  public RepositoryPatterns(List<String> globs) {
    this.patterns = globs.stream().map(RepositoryPatterns::compile).toList();
    this.all = globs.contains(ALL);
  }

  /** Whether the repository is one of them. */
  public boolean contains(RepositoryName repository) {
    return contains(repository.value());
  }

  /** The same for a name as somebody wrote it, which may not be a repository's. */
  public boolean contains(String name) {
    return all || patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  /** Whether every repository is one of them. */
  public boolean containsAll() {
    return all;
  }

  /** Whether no repository is one of them. */
  public boolean isEmpty() {
    return patterns.isEmpty();
  }

  private static Pattern compile(String glob) {
    if (!glob.matches("[a-z0-9._:/*-]+")) {
      throw new IllegalArgumentException(
          "\"%s\" is not allowed; allowed: a lower-case name in which * stands for part of a component and ** for any number of components"
              .formatted(glob));
    }
    var regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c != '*') {
        regex.append(Pattern.quote(String.valueOf(c)));
      } else if (glob.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else {
        regex.append("[^/]*");
      }
    }
    return Pattern.compile(regex.toString());
  }
}
