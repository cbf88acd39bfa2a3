package io.lighter.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.RepositoryName;
import io.lighter.server.content.RepositoryPatterns;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RightsTest {
  private static final RepositoryPatterns NONE = new RepositoryPatterns(List.of());
  private static final RepositoryName NGINX = RepositoryName.parse("docker.io/library/nginx");

  @Test
  void may_plainNameOfTheDefaultUpstream_needsBothNames() {
    Rights mirroredOnly = anonymous(pull("docker.io/**"));
    Rights both = anonymous(pull("docker.io/**"), pull("library/*"));

    assertThat(mirroredOnly.may(Action.PULL, "library/nginx", Optional.empty(), NGINX)).isFalse();
    assertThat(both.may(Action.PULL, "library/nginx", Optional.empty(), NGINX)).isTrue();
    assertThat(mirroredOnly.may(Action.PULL, "library/nginx", Optional.of("docker.io"), NGINX))
        .isTrue();
    assertThat(mirroredOnly.may(Action.PULL, "docker.io/nginx", Optional.empty(), NGINX)).isTrue();
    assertThat(
            anonymous(pull("library/*")).may(Action.PULL, "library/nginx", Optional.empty(), NGINX))
        .isFalse();
  }

  @Test
  void may_exceptedRepository_isNotCoveredByTheRule() {
    var rule =
        new AccessRule(
            new RepositoryPatterns(List.of("**")),
            new RepositoryPatterns(List.of("docker.io/**")),
            Set.of(AccessRule.ANYBODY),
            Set.of(),
            Set.of(Action.PULL));
    Rights rights = new Rights(Caller.ANONYMOUS, new Policy(List.of(rule), Map.of()), 0);

    assertThat(rights.pullsEverything()).isFalse();
    assertThat(rights.byRules(Action.PULL, "docker.io/library/nginx")).isFalse();
    assertThat(rights.byRules(Action.PULL, "ghcr.io/a/b")).isTrue();
    assertThat(rights.byRules(Action.PUSH, "ghcr.io/a/b")).isFalse();
  }

  @Test
  void may_knownAndGroupRules_areNotForTheAnonymous() {
    var policy =
        new Policy(
            List.of(
                rule(Set.of(AccessRule.KNOWN), Set.of(), Action.PULL),
                rule(Set.of(), Set.of("dev"), Action.PUSH)),
            Map.of("dev", Set.of("ann", "")));
    Rights nobody = new Rights(Caller.ANONYMOUS, policy, 0);
    Rights ann = new Rights(caller("ann", policy), policy, 0);
    Rights bob = new Rights(caller("bob", policy), policy, 0);

    assertThat(nobody.byRules(Action.PULL, "a")).isFalse();
    assertThat(nobody.byRules(Action.PUSH, "a")).isFalse();
    assertThat(ann.byRules(Action.PUSH, "a")).isTrue();
    assertThat(bob.byRules(Action.PULL, "a")).isTrue();
    assertThat(bob.byRules(Action.PUSH, "a")).isFalse();
  }

  @Test
  void scope_form_isReadAsClientsWriteIt() {
    Scope scope =
        Scope.parse(
            List.of(
                "repository:a/b:pull,push repository:h:5000/c:*",
                "repository(plugin):p:pull",
                "registry:catalog:*",
                "nonsense"));

    assertThat(scope.actions()).containsOnlyKeys("a/b", "h:5000/c", "p");
    assertThat(scope.covers(Action.PUSH, "a/b")).isTrue();
    assertThat(scope.covers(Action.DELETE, "a/b")).isFalse();
    assertThat(scope.covers(Action.DELETE, "h:5000/c")).isTrue();
    assertThat(scope.covers(Action.PULL, "other")).isFalse();
  }

  @Test
  void pullsEverything_withToken_onlyIfItIsForAllRepositories() {
    var policy = new Policy(List.of(pull("**")), Map.of());

    assertThat(scoped(policy, "repository:a:pull").pullsEverything()).isFalse();
    assertThat(scoped(policy, "repository:a:push repository:*:push").pullsEverything()).isFalse();
    Rights all = scoped(policy, "repository:a:push repository:*:pull");
    assertThat(all.pullsEverything()).isTrue();
    assertThat(all.inScope(Action.PULL, "b")).isTrue();
    assertThat(all.inScope(Action.PUSH, "b")).isFalse();
    var narrow = new Policy(List.of(pull("team/**")), Map.of());
    assertThat(scoped(narrow, "repository:*:pull").pullsEverything())
        .as("a token widens nothing")
        .isFalse();
  }

  private static Rights scoped(Policy policy, String scope) {
    return new Rights(
        new Caller("ann", Set.of(), Optional.of(Scope.parse(List.of(scope))), Instant.MAX),
        policy,
        0);
  }

  private static Caller caller(String name, Policy policy) {
    return new Caller(name, policy.groupsOf(name), Optional.empty(), Instant.MAX);
  }

  private static Rights anonymous(AccessRule... rules) {
    return new Rights(Caller.ANONYMOUS, new Policy(List.of(rules), Map.of()), 0);
  }

  private static AccessRule pull(String pattern) {
    return new AccessRule(
        new RepositoryPatterns(List.of(pattern)),
        NONE,
        Set.of(AccessRule.ANYBODY),
        Set.of(),
        Set.of(Action.PULL));
  }

  private static AccessRule rule(Set<String> users, Set<String> groups, Action action) {
    return new AccessRule(
        new RepositoryPatterns(List.of("**")), NONE, users, groups, Set.of(action));
  }
}
