package io.lighter.server.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.Platform;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.RepositoryKind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConversionPoliciesTest {
  private static final WantedPlatforms ARM = WantedPlatforms.parse(List.of("linux/arm64"));

  private static final ConversionPolicies POLICIES =
      new ConversionPolicies(
          new RepositoryPatterns(List.of("**/pause")),
          List.of(
              rule("docker.io/library/busybox", Optional.of(ViewPolicy.REPLACE), Optional.empty()),
              rule("docker.io/library/*", Optional.of(ViewPolicy.OFF), Optional.empty()),
              rule("team/**", Optional.empty(), Optional.of(5L)),
              rule("**", Optional.empty(), Optional.of(7L))),
          policy(ViewPolicy.REPLACE),
          policy(ViewPolicy.NEGOTIATE));

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/busybox, MIRRORED, REPLACE, 1000",
    "docker.io/library/nginx, MIRRORED, OFF, 1000",
    "docker.io/library/nginx/x, MIRRORED, REPLACE, 7",
    "team/a/b, HOSTED, NEGOTIATE, 5",
    "team, HOSTED, NEGOTIATE, 7",
    "team/pause, HOSTED, OFF, 1000",
    "registry.k8s.io/pause, MIRRORED, OFF, 1000"
  })
  void of_firstRuleThatNamesIt_wins(
      String name, RepositoryKind kind, ViewPolicy view, long maxLayer) {
    ConversionPolicy policy = POLICIES.of(new RepositoryName(name), kind);

    assertThat(policy.view()).isEqualTo(view);
    assertThat(policy.maxLayer()).isEqualTo(maxLayer);
    assertThat(policy.startupSet()).isEqualTo(2 * maxLayer);
    assertThat(policy.platforms()).isEqualTo(ARM);
  }

  @Test
  void platforms_pulledOrAList() {
    assertThat(WantedPlatforms.parse(List.of("pulled")).asPulled()).isTrue();
    assertThat(ARM.asPulled()).isFalse();
    assertThat(ARM.lists(new Platform("linux", "arm64", "v8"))).isTrue();
    assertThat(ARM.lists(new Platform("linux", "arm", ""))).isFalse();
    assertThatThrownBy(() -> WantedPlatforms.parse(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pulled alone");
  }

  /** The same view everywhere. */
  static ConversionPolicies all(ViewPolicy view) {
    return new ConversionPolicies(
        new RepositoryPatterns(List.of()), List.of(), policy(view), policy(view));
  }

  private static ConversionPolicy policy(ViewPolicy view) {
    return new ConversionPolicy(view, 1000, 2000, ARM);
  }

  private static ConversionPolicies.Rule rule(
      String glob, Optional<ViewPolicy> view, Optional<Long> maxLayer) {
    return new ConversionPolicies.Rule(
        new RepositoryPatterns(List.of(glob)),
        view,
        maxLayer,
        maxLayer.map(bytes -> 2 * bytes),
        Optional.empty());
  }
}
