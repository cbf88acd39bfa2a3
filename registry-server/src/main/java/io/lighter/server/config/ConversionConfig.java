package io.lighter.server.config;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.lighter.server.content.ConversionPolicies;
import io.lighter.server.content.ConversionPolicy;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.content.WantedPlatforms;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Conversion to eStargz, as it is configured.
 *
 * @param workers images that are converted at once; 0 converts nothing
 * @param mirrored which view the tags of mirrored repositories answer
 * @param hosted which view the tags of hosted repositories answer
 * @param rules what is different in some repositories; the first that names one counts
 * @param exclude patterns of repositories of which nothing is converted, before any rule
 * @param maxLayer most bytes that a layer may have to be converted; 0 for any number
 * @param startupSet most bytes of an image's files that are laid out first because its start reads
 *     them; 0 for none
 * @param platforms which images of an index are converted: {@code pulled}, or a list of platforms
 * @param subject whether converted manifests name their original as their subject
 * @param latencyTarget conversion holds back while requests take longer; zero for never
 */
public record ConversionConfig(
    int workers,
    @Reloadable ViewPolicy mirrored,
    @Reloadable ViewPolicy hosted,
    @Reloadable List<Rule> rules,
    @Reloadable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> exclude,
    @Reloadable DataSize maxLayer,
    @Reloadable DataSize startupSet,
    @Reloadable @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> platforms,
    boolean subject,
    Duration latencyTarget) {

  public ConversionConfig {
    if (workers < 0) {
      throw new ConfigException("conversion.workers", workers, "0 or more");
    }
    rules = List.copyOf(rules);
    exclude = List.copyOf(exclude);
    platforms = List.copyOf(platforms);
    try {
      var _ = new RepositoryPatterns(exclude);
    } catch (IllegalArgumentException e) {
      throw ConfigException.at("conversion.exclude", String.valueOf(e.getMessage()));
    }
    try {
      var _ = WantedPlatforms.parse(platforms);
    } catch (IllegalArgumentException e) {
      throw ConfigException.at("conversion.platforms", String.valueOf(e.getMessage()));
    }
  }

  /**
   * What is different in some repositories. What is left out is as it is for all.
   *
   * @param repositories patterns of their names, at least one
   * @param view which view their tags answer
   * @param maxLayer most bytes that a layer of theirs may have to be converted; 0 for any number
   * @param startupSet most bytes of files of an image of theirs that are laid out first because its
   *     start reads them; 0 for none
   * @param platforms which images of an index of theirs are converted
   */
  public record Rule(
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> repositories,
      Optional<ViewPolicy> view,
      Optional<DataSize> maxLayer,
      Optional<DataSize> startupSet,
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          Optional<List<String>> platforms) {

    public Rule {
      repositories = List.copyOf(repositories);
      platforms = platforms.map(List::copyOf);
      if (repositories.isEmpty()) {
        throw new IllegalArgumentException(
            "repositories: [] is not allowed; allowed: one pattern or more, such as docker.io/library/*");
      }
      try {
        var _ = new RepositoryPatterns(repositories);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("repositories: " + e.getMessage(), e);
      }
      try {
        var _ = platforms.map(WantedPlatforms::parse);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("platforms: " + e.getMessage(), e);
      }
    }

    private ConversionPolicies.Rule policy() {
      return new ConversionPolicies.Rule(
          new RepositoryPatterns(repositories),
          view,
          maxLayer.map(ConversionConfig::limit),
          startupSet.map(DataSize::bytes),
          platforms.map(WantedPlatforms::parse));
    }
  }

  /** The policy of every repository. */
  public ConversionPolicies policies() {
    return new ConversionPolicies(
        new RepositoryPatterns(exclude),
        rules.stream().map(Rule::policy).toList(),
        policy(mirrored),
        policy(hosted));
  }

  private ConversionPolicy policy(ViewPolicy view) {
    return new ConversionPolicy(
        view, limit(maxLayer), startupSet.bytes(), WantedPlatforms.parse(platforms));
  }

  private static long limit(DataSize size) {
    return size.bytes() == 0 ? Long.MAX_VALUE : size.bytes();
  }
}
