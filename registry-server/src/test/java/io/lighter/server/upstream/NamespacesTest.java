package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.oci.InvalidReferenceException;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.RepositoryKind;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespacesTest {
  private final MapMetadataStore metadata = new MapMetadataStore();
  private final UpstreamRegistry hub = upstream("docker.io");
  private final UpstreamRegistry quay = upstream("quay.io");
  private final UpstreamRegistry local = upstream("registry.local:5000");
  private final Namespaces namespaces = with("docker.io");

  @AfterEach
  void close() {
    List.of(hub, quay, local).forEach(UpstreamRegistry::close);
  }

  @ParameterizedTest
  @CsvSource({
    "library/nginx, docker.io, docker.io/library/nginx",
    "nginx, docker.io, docker.io/library/nginx",
    "nginx, index.docker.io, docker.io/library/nginx",
    "nginx, registry-1.docker.io, docker.io/library/nginx",
    "nginx, DOCKER.io, docker.io/library/nginx",
    "a/b, quay.io, quay.io/a/b",
    "b, quay.io, quay.io/b",
    "b, registry.local:5000, registry.local:5000/b",
    "docker.io/library/nginx, docker.io, docker.io/library/nginx",
    "index.docker.io/nginx, docker.io, docker.io/library/nginx",
    "registry.local:5000/a/b, registry.local:5000, registry.local:5000/a/b",
    "quay.io/a, docker.io, docker.io/quay.io/a",
  })
  void resolve_namespaceParameter_isThatUpstream(String path, String ns, String expected) {
    Target target = namespaces.resolve(path, ns, null);

    assertThat(target)
        .isInstanceOfSatisfying(
            Target.Mirrored.class, mirrored -> assertThat(mirrored.explicit()).isTrue());
    assertThat(target.local()).isEqualTo(new RepositoryName(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/nginx, docker.io/library/nginx",
    "docker.io/nginx, docker.io/library/nginx",
    "index.docker.io/nginx, docker.io/library/nginx",
    "quay.io/a/b/c, quay.io/a/b/c",
    "registry.local:5000/x, registry.local:5000/x",
  })
  void resolve_hostInPath_isThatUpstream(String path, String expected) {
    Target target = namespaces.resolve(path, null, "");

    assertThat(target)
        .isInstanceOfSatisfying(
            Target.Mirrored.class, mirrored -> assertThat(mirrored.explicit()).isTrue());
    assertThat(target.local()).isEqualTo(new RepositoryName(expected));
  }

  @Test
  void resolve_parameterAndHeader_parameterWins() {
    assertThat(namespaces.resolve("a/b", "quay.io", "docker.io").local().value())
        .isEqualTo("quay.io/a/b");
    assertThat(namespaces.resolve("a/b", "", "quay.io").local().value()).isEqualTo("quay.io/a/b");
  }

  @Test
  void resolve_unknownHost_isRefusedAndNamesTheKnown() {
    assertThatThrownBy(() -> namespaces.resolve("a/b", "evil.example", null))
        .isInstanceOf(UnknownNamespaceException.class)
        .hasMessageContaining("evil.example")
        .hasMessageContaining("docker.io, quay.io, registry.local:5000");
    assertThatThrownBy(() -> namespaces.resolve("evil.example:80/a", null, null))
        .isInstanceOf(UnknownNamespaceException.class);
  }

  @Test
  void resolve_plainPath_isTheDefaultUpstream() {
    assertThat(namespaces.resolve("nginx", null, null))
        .isEqualTo(
            new Target.Mirrored(
                new MirroredRepository(hub, RepositoryName.parse("library/nginx")), false));
  }

  @Test
  void resolve_plainPathOfHostedRepository_isHosted() {
    metadata.create("nginx", RepositoryKind.HOSTED);

    assertThat(namespaces.resolve("nginx", null, null))
        .isEqualTo(new Target.Hosted(RepositoryName.parse("nginx")));
    assertThat(namespaces.resolve("nginx", "docker.io", null)).isInstanceOf(Target.Mirrored.class);
  }

  @Test
  void resolve_plainPathWithoutDefault_isHosted() {
    assertThat(with(null).resolve("evil.example/a", null, null))
        .isEqualTo(new Target.Hosted(RepositoryName.parse("evil.example/a")));
  }

  @Test
  void resolve_pathThatIsNoName_isRefused() {
    assertThatThrownBy(() -> namespaces.resolve("A/b", null, null))
        .isInstanceOf(InvalidReferenceException.class);
    assertThatThrownBy(() -> namespaces.resolve("../x", "quay.io", null))
        .isInstanceOf(InvalidReferenceException.class);
    assertThatThrownBy(() -> namespaces.resolve("quay.io/", null, null))
        .isInstanceOf(InvalidReferenceException.class);
  }

  @Test
  void mirroredWithPath_returnsOnlyRepositoriesThatWerePulled() {
    metadata.create("quay.io/a/b", RepositoryKind.MIRRORED);
    metadata.create("docker.io/library/nginx", RepositoryKind.MIRRORED);

    assertThat(namespaces.mirroredWithPath(RepositoryName.parse("a/b")))
        .containsExactly(new MirroredRepository(quay, RepositoryName.parse("a/b")));
    assertThat(namespaces.mirroredWithPath(RepositoryName.parse("nginx")))
        .containsExactly(new MirroredRepository(hub, RepositoryName.parse("library/nginx")));
    assertThat(namespaces.mirroredWithPath(RepositoryName.parse("x".repeat(250)))).isEmpty();
  }

  @Test
  void resolve_openWorld_publicHostsAreUpstreams() {
    metadata.create("pushed.example/app", RepositoryKind.HOSTED);
    try (var world = OpenWorldTest.world()) {
      var open = new Namespaces(List.of(quay), null, Optional.of(world), metadata);

      assertThat(open.resolve("a/b", "PUBLIC.example:8443", null).local())
          .isEqualTo(new RepositoryName("public.example:8443/a/b"));
      assertThat(open.resolve("public.example/a", null, null))
          .isInstanceOfSatisfying(
              Target.Mirrored.class,
              mirrored -> {
                assertThat(mirrored.explicit()).isTrue();
                assertThat(mirrored.repository().upstream().settings().endpoint())
                    .isEqualTo(URI.create("https://public.example"));
              });
      assertThat(open.resolve("nginx", "index.docker.io", null))
          .isInstanceOfSatisfying(
              Target.Mirrored.class,
              mirrored -> {
                assertThat(mirrored.local().value()).isEqualTo("docker.io/library/nginx");
                assertThat(mirrored.repository().upstream().settings().endpoint())
                    .isEqualTo(URI.create("https://registry-1.docker.io"));
              });
      assertThat(open.resolve("a/b", "quay.io", null))
          .isEqualTo(new Target.Mirrored(new MirroredRepository(quay, parsed("a/b")), true));

      assertThat(open.resolve("pushed.example/app", null, null))
          .as("what was pushed stays")
          .isEqualTo(new Target.Hosted(parsed("pushed.example/app")));
      assertThat(open.resolve("nowhere.example/app", null, null))
          .isEqualTo(new Target.Hosted(parsed("nowhere.example/app")));
      for (String host : List.of("nowhere.example", "inside.example", "127.0.0.1", "bare")) {
        assertThatThrownBy(() -> open.resolve("a/b", host, null))
            .isInstanceOf(UnknownNamespaceException.class);
      }

      metadata.create("public.example/x/y", RepositoryKind.MIRRORED);
      assertThat(open.mirroredWithPath(parsed("x/y")))
          .extracting(MirroredRepository::local)
          .containsExactly(parsed("public.example/x/y"));
    }
  }

  private static RepositoryName parsed(String name) {
    return RepositoryName.parse(name);
  }

  @Test
  void new_defaultThatIsNoUpstream_isRefused() {
    assertThatThrownBy(() -> with("ghcr.io"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("default upstream ghcr.io is not one of the upstreams");
  }

  private Namespaces with(@Nullable String defaultUpstream) {
    return new Namespaces(List.of(hub, quay, local), defaultUpstream, Optional.empty(), metadata);
  }

  private static UpstreamRegistry upstream(String name) {
    return new UpstreamRegistry(
        UpstreamSettings.of(name, URI.create("https://" + name)),
        Clock.systemUTC(),
        UpstreamObserver.none());
  }
}
