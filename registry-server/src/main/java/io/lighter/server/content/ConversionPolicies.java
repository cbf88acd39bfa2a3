package io.lighter.server.content;

import io.lighter.oci.RepositoryName;
import io.lighter.storage.RepositoryKind;
import java.util.List;
import java.util.Optional;

/**
 * The policy of every repository: off for those that are excluded, else what the first rule with a
 * pattern of its name says, and where that says nothing, or there is none, what is said for all
 * repositories of its kind. Immutable.
 */
public final class ConversionPolicies {
  private final RepositoryPatterns excluded;
  private final List<Rule> rules;
  private final ConversionPolicy mirrored;
  private final ConversionPolicy hosted;

  /**
   * What is different in some repositories.
   *
   * @param repositories which ones
   * @param view replaces the view policy of their kind
   * @param maxLayer replaces the longest layer of their kind
   * @param startupSet replaces the limit of what is laid out first of their kind
   * @param platforms replaces the platforms of their kind
   */
  public record Rule(
      RepositoryPatterns repositories,
      Optional<ViewPolicy> view,
      Optional<Long> maxLayer,
      Optional<Long> startupSet,
      Optional<WantedPlatforms> platforms) {}

  /**
   * Policies.
   *
   * @param excluded repositories of which nothing is converted, before any rule
   * @param rules the first that names a repository counts
   * @param mirrored for repositories that are pulled through
   * @param hosted for repositories that are pushed to
   */
  public ConversionPolicies(
      RepositoryPatterns excluded,
      List<Rule> rules,
      ConversionPolicy mirrored,
      ConversionPolicy hosted) {
    this.excluded = excluded;
    this.rules = List.copyOf(rules);
    this.mirrored = mirrored;
    this.hosted = hosted;
  }

  /** The policy of a repository. */
  public ConversionPolicy of(RepositoryName repository, RepositoryKind kind) {
    ConversionPolicy general =
        switch (kind) {
          case HOSTED -> hosted;
          case MIRRORED -> mirrored;
        };
    if (excluded.contains(repository)) {
      return new ConversionPolicy(
          ViewPolicy.OFF, general.maxLayer(), general.startupSet(), general.platforms());
    }
    return rules.stream()
        .filter(rule -> rule.repositories().contains(repository))
        .findFirst()
        .map(rule ->
            new ConversionPolicy(
                rule.view().orElse(general.view()),
                rule.maxLayer().orElse(general.maxLayer()),
                rule.startupSet().orElse(general.startupSet()),
                rule.platforms().orElse(general.platforms())))
        .orElse(general);
  }

  /** The policy of a repository. */
  public ConversionPolicy of(RepositoryContent repository) {
    return of(repository.name(), repository.kind());
  }
}
