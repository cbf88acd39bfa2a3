package io.lighter.server.config;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.lighter.server.access.AccessControl;
import io.lighter.server.access.AccessRule;
import io.lighter.server.access.Action;
import io.lighter.server.access.Anonymous;
import io.lighter.server.access.Policy;
import io.lighter.server.content.RepositoryPatterns;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who may do what. */
public record AccessConfig(
    @Key(
            "what everybody may; `auto` is everything while nothing else is said about access and the registry listens on the loopback, and `pull` otherwise. Beyond the loopback something has to be said, or the start is refused")
        @Reloadable
        Anonymous anonymous,
    @Key(
            "file of users and hashes of their passwords, as `htpasswd -B` writes it; bcrypt or argon2. What is in it is read again when it changes; a file that cannot be read then changes nothing")
        String htpasswd,
    @Key("lists of users by the name of the group") @Reloadable Map<String, Set<String>> groups,
    @Key("who may do what besides; without any, every user of the file may everything") @Reloadable
        List<Rule> rules,
    @Key("what clients are told to do that have to say who they are; they may always do either")
        @Reloadable
        AccessControl.Form challenge,
    @Key("address of `/token` as clients reach it, where that is not what they call this server")
        @Reloadable
        String realm,
    @Key("how long a token is good, from `1m` to `1d`") Duration tokenTtl,
    @Key(
            "others whose tokens are believed ([how](security.md#tokens-of-other-issuers)); `access.rules` are needed with them")
        @Reloadable
        List<IssuerConfig> issuers) {

  /** Everybody may everything while the registry listens on the loopback. */
  public static final AccessConfig DEFAULT =
      new AccessConfig(
          Anonymous.AUTO,
          "",
          Map.of(),
          List.of(),
          AccessControl.Form.BEARER,
          "",
          Duration.ofMinutes(5),
          List.of());

  private static final RepositoryPatterns ALL = new RepositoryPatterns(List.of("**"));
  private static final RepositoryPatterns NONE = new RepositoryPatterns(List.of());

  public AccessConfig {
    groups = Map.copyOf(groups);
    rules = List.copyOf(rules);
    issuers = List.copyOf(issuers);
    if (tokenTtl.compareTo(Duration.ofMinutes(1)) < 0
        || tokenTtl.compareTo(Duration.ofDays(1)) > 0) {
      throw new ConfigException("access.tokenTtl", tokenTtl.toSeconds() + "s", "1m to 1d");
    }
    if (!issuers.isEmpty() && rules.isEmpty()) {
      throw ConfigException.at(
          "access.issuers", "users from elsewhere may do nothing without access.rules");
    }
    for (Rule rule : rules) {
      for (String group : rule.groups().orElse(List.of())) {
        checkKnown(group, groups.keySet(), issuers);
      }
    }
  }

  private static void checkKnown(String group, Set<String> named, List<IssuerConfig> issuers) {
    if (named.contains(group)
        || issuers.stream().anyMatch(issuer -> group.startsWith(issuer.name() + ':'))) {
      return;
    }
    String allowed = named.isEmpty() ? "none" : String.join(", ", named);
    String others =
        issuers.stream().map(issuer -> ", " + issuer.name() + ":…").collect(Collectors.joining());
    throw ConfigException.at(
        "access.rules",
        "there is no group \"%s\"; allowed: %s%s".formatted(group, allowed, others));
  }

  /** A rule. */
  public record Rule(
      @Key(
              "patterns as in `hosted.sparse`, one or a list, mirrored repositories with their host in front")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          List<String> repositories,
      @Key(
              value =
                  "names, one or a list; `*` for all who have said who they are, `anonymous` for everyone",
              shown = "nobody")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          Optional<List<String>> users,
      @Key(
              value =
                  "groups whose members the rule is for, one or a list; users or groups have to be there",
              shown = "none")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          Optional<List<String>> groups,
      @Key("what they may, one or a list; `admin` is everything")
          @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          List<Action> actions) {
    public Rule {
      if (repositories.isEmpty() || actions.isEmpty()) {
        throw new IllegalArgumentException(
            "a rule needs repositories and actions; allowed actions: pull, push, delete, admin");
      }
      if (users.isEmpty() && groups.isEmpty()) {
        throw new IllegalArgumentException(
            "users or groups is missing; a rule says whom it is for, with * for all who have said who they are and anonymous for everyone");
      }
      repositories = List.copyOf(repositories);
      actions = List.copyOf(actions);
      var _ = new RepositoryPatterns(repositories);
    }

    AccessRule rule() {
      return new AccessRule(
          new RepositoryPatterns(repositories),
          NONE,
          Set.copyOf(users.orElse(List.of())),
          Set.copyOf(groups.orElse(List.of())),
          Set.copyOf(actions));
    }
  }

  /** Whether anything is said about access. */
  boolean isSet() {
    return anonymous != Anonymous.AUTO || !htpasswd.isEmpty() || !rules.isEmpty();
  }

  /**
   * Whether anybody can be known by name, and be told apart from everybody.
   *
   * @param byCertificate whether clients show certificates
   */
  boolean namesSomebody(boolean byCertificate) {
    return anonymous != Anonymous.EVERYTHING
        && (!htpasswd.isEmpty() || (!rules.isEmpty() && (byCertificate || !issuers.isEmpty())));
  }

  /** The file of users. */
  public Optional<Path> users() {
    return htpasswd.isEmpty() ? Optional.empty() : Optional.of(Path.of(htpasswd));
  }

  /**
   * The settings of access control.
   *
   * @param accounts upstreams that Lighter has accounts at: what comes from there is nobody's
   *     without a rule that says so
   */
  AccessControl.Settings settings(List<String> accounts) {
    boolean active = isSet() && anonymous != Anonymous.EVERYTHING;
    return new AccessControl.Settings(
        active,
        new Policy(allRules(accounts), groups),
        challenge,
        realm,
        tokenTtl,
        issuers.stream().map(IssuerConfig::settings).toList());
  }

  private List<AccessRule> allRules(List<String> accounts) {
    var all = new ArrayList<AccessRule>();
    if (anonymous == Anonymous.EVERYTHING || !isSet()) {
      all.add(everybody(ALL, NONE, Action.ADMIN));
    } else if (anonymous != Anonymous.NOTHING) {
      var others = new RepositoryPatterns(accounts.stream().map(host -> host + "/**").toList());
      all.add(everybody(ALL, others, Action.PULL));
    }
    if (rules.isEmpty() && !htpasswd.isEmpty()) {
      all.add(new AccessRule(ALL, NONE, Set.of(AccessRule.KNOWN), Set.of(), Set.of(Action.ADMIN)));
    }
    return Stream.concat(all.stream(), rules.stream().map(Rule::rule))
        .collect(Collectors.toUnmodifiableList());
  }

  private static AccessRule everybody(
      RepositoryPatterns repositories, RepositoryPatterns except, Action action) {
    return new AccessRule(
        repositories, except, Set.of(AccessRule.ANYBODY), Set.of(), Set.of(action));
  }
}
