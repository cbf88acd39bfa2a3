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

/** Conversion to eStargz, as it is configured. */
public record ConversionConfig(
    @Key(
            "images converted at once; `0` converts nothing, and images gather in the queue. Each has one thread, and more while [nobody else needs the cores](#conversion)")
        int workers,
    @Key("view policy of mirrored repositories ([view policies](#view-policies))") @Reloadable
        ViewPolicy mirrored,
    @Key("view policy of hosted repositories") @Reloadable ViewPolicy hosted,
    @Key("what is different in some repositories; the first entry that names one counts")
        @Reloadable
        List<Rule> rules,
    @Key(
            value =
                "patterns of repositories of which nothing is converted, whatever the rules say",
            shown =
                "[what nodes start with](../registry-server/src/main/resources/io/lighter/server/config/default-config.yaml)")
        @Reloadable
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> exclude,
    @Key(
            "most bytes that a layer may have, as it is stored, to be converted; it and all above it stay as they are. `0` is no limit")
        @Reloadable
        DataSize maxLayer,
    @Key(
            "most bytes of an image's files, uncompressed, that are laid out first and fetched ahead because its [start reads them](startup-set.md); `0` lays out nothing but what prefetch lists name")
        @Reloadable
        DataSize startupSet,
    @Key(
            "which images of an index are converted: those that clients pull or push (`pulled`), or a list of `OS/ARCHITECTURE[/VARIANT]`, which are fetched for it, and no others")
        @Reloadable
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> platforms,
    @Key(
            "whether a converted manifest names its original as its `subject`, so that the referrers API of the original lists it")
        boolean subject,
    @Key(
            "while 5 of 100 requests for stored blobs take longer than this to decide, conversion holds back; `0` never holds it back")
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

  /** What is different in some repositories. What is left out is as it is for all. */
  public record Rule(
      @Key(
              "a pattern of full names, `docker.io/library/*`, or a list of them; `*` is part of a component, `**` any number of components")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          List<String> repositories,
      @Key(value = "instead of `conversion.mirrored` or `.hosted`", shown = "as for all")
          Optional<ViewPolicy> view,
      @Key(value = "instead of `conversion.maxLayer`", shown = "as for all")
          Optional<DataSize> maxLayer,
      @Key(value = "instead of `conversion.startupSet`", shown = "as for all")
          Optional<DataSize> startupSet,
      @Key(value = "instead of `conversion.platforms`", shown = "as for all")
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
