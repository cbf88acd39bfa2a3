package io.lighter.server.upstream;

import io.lighter.oci.RepositoryName;
import io.lighter.storage.MetadataStore;
import io.lighter.storage.RepositoryKind;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Works out which repository a request means. In a closed world a host that is not configured is
 * never asked for anything, whatever a request names; in an open one any public host may be.
 *
 * <p>Three ways lead to an upstream: {@code ?ns=docker.io} (containerd; the {@code OCI-Namespace}
 * header says the same), {@code /v2/docker.io/library/nginx/…}, and {@code /v2/library/nginx/…} for
 * the default upstream, unless a hosted repository has that name.
 *
 * <p>Thread-safe. {@link #resolve} may read the metadata store and so may block.
 */
public final class Namespaces {
  private static final String DOCKER_HUB = "docker.io";
  private static final String OFFICIAL = "library/";

  /** Other hosts that mean Docker Hub, and are written in image names. */
  private static final Set<String> DOCKER_HUB_ALIASES =
      Set.of("index.docker.io", "registry-1.docker.io");

  private final Map<String, UpstreamRegistry> upstreams = new LinkedHashMap<>();
  private final Optional<UpstreamRegistry> defaultUpstream;
  private final Optional<OpenWorld> open;
  private final MetadataStore metadata;

  /**
   * @param upstreams every upstream, with names that differ
   * @param defaultUpstream name of the one that plain paths mean; null for none
   * @param open where other hosts are upstreams too; empty for nowhere
   * @param metadata where hosted repositories are looked up
   */
  public Namespaces(
      Collection<UpstreamRegistry> upstreams,
      @Nullable String defaultUpstream,
      Optional<OpenWorld> open,
      MetadataStore metadata) {
    for (var upstream : upstreams) {
      if (this.upstreams.put(upstream.name(), upstream) != null) {
        throw new IllegalArgumentException("two upstreams are named " + upstream.name());
      }
    }
    this.open = open;
    this.defaultUpstream = Optional.ofNullable(defaultUpstream).map(this::required);
    this.metadata = metadata;
  }

  /**
   * What a request means.
   *
   * @param path what stands between {@code /v2/} and {@code /manifests/} or {@code /blobs/}
   * @param queryNamespace the {@code ns} parameter; null if there is none
   * @param headerNamespace the {@code OCI-Namespace} header; null if there is none; the parameter
   *     wins
   * @throws UnknownNamespaceException if it names a registry that is not configured
   * @throws io.lighter.oci.InvalidReferenceException if the path is not a repository name
   */
  public Target resolve(
      String path, @Nullable String queryNamespace, @Nullable String headerNamespace) {
    String namespace = firstGiven(queryNamespace, headerNamespace);
    if (!namespace.isEmpty()) {
      UpstreamRegistry upstream =
          find(namespace)
              .or(() -> elsewhere(namespace))
              .orElseThrow(() -> new UnknownNamespaceException(namespace, upstreams.keySet()));
      var remote = RepositoryName.parse(within(upstream, path));
      return new Target.Mirrored(mirrored(upstream, remote), true);
    }
    int slash = path.indexOf('/');
    if (slash > 0) {
      String first = path.substring(0, slash);
      Optional<UpstreamRegistry> upstream = find(first).or(() -> elsewhere(first, path));
      if (upstream.isPresent()) {
        var remote = RepositoryName.parse(path.substring(slash + 1));
        return new Target.Mirrored(mirrored(upstream.get(), remote), true);
      }
      if (first.indexOf(':') >= 0) {
        throw new UnknownNamespaceException(first, upstreams.keySet());
      }
    }
    return plain(RepositoryName.parse(path));
  }

  /**
   * Repositories with this path that were pulled through before, of any upstream. Clients ask for
   * ranges of a blob by its plain path although they got the manifest by a namespace.
   */
  public List<MirroredRepository> mirroredWithPath(RepositoryName path) {
    return upstreams().stream()
        .filter(upstream -> fits(upstream, path))
        .map(upstream -> mirrored(upstream, path))
        .filter(candidate -> metadata.repository(candidate.local()).isPresent())
        .toList();
  }

  /** Every upstream: those that are configured, then those of an open world that were named. */
  public List<UpstreamRegistry> upstreams() {
    return Stream.concat(
            upstreams.values().stream(), open.stream().flatMap(world -> world.known().stream()))
        .toList();
  }

  /** Names of the upstreams that are configured. */
  public Set<String> configured() {
    return Collections.unmodifiableSet(upstreams.keySet());
  }

  /** The upstream that plain paths mean, if one does. */
  public Optional<UpstreamRegistry> defaultUpstream() {
    return defaultUpstream;
  }

  private Target plain(RepositoryName name) {
    boolean hosted = metadata.repository(name).equals(Optional.of(RepositoryKind.HOSTED));
    if (hosted || defaultUpstream.isEmpty() || !fits(defaultUpstream.get(), name)) {
      return new Target.Hosted(name);
    }
    return new Target.Mirrored(mirrored(defaultUpstream.get(), name), false);
  }

  private static String firstGiven(@Nullable String query, @Nullable String header) {
    if (query != null && !query.isEmpty()) {
      return query;
    }
    return header == null ? "" : header;
  }

  private Optional<UpstreamRegistry> find(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    UpstreamRegistry exact = upstreams.get(name);
    return exact == null && DOCKER_HUB_ALIASES.contains(name)
        ? Optional.ofNullable(upstreams.get(DOCKER_HUB))
        : Optional.ofNullable(exact);
  }

  /** A mirror that is configured with a path names its upstream by that and by the parameter. */
  private String within(UpstreamRegistry upstream, String path) {
    int slash = path.indexOf('/');
    boolean twice = slash > 0 && find(path.substring(0, slash)).equals(Optional.of(upstream));
    return twice ? path.substring(slash + 1) : path;
  }

  private Optional<UpstreamRegistry> elsewhere(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return open.flatMap(
        world -> world.upstream(DOCKER_HUB_ALIASES.contains(name) ? DOCKER_HUB : name));
  }

  /** A first component that could be a host is one, unless something was pushed under the name. */
  private Optional<UpstreamRegistry> elsewhere(String first, String path) {
    boolean host = first.indexOf('.') > 0 || first.indexOf(':') > 0;
    return open.isPresent() && host && !isHosted(path) ? elsewhere(first) : Optional.empty();
  }

  private boolean isHosted(String path) {
    return path.indexOf(':') < 0
        && metadata
            .repository(RepositoryName.parse(path))
            .equals(Optional.of(RepositoryKind.HOSTED));
  }

  private UpstreamRegistry required(String name) {
    return find(name)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "default upstream %s is not one of the upstreams: %s"
                    .formatted(name, String.join(", ", upstreams.keySet()))));
  }

  /** A name that is too long with the host in front cannot have been pulled through. */
  private static boolean fits(UpstreamRegistry upstream, RepositoryName path) {
    int added = upstream.name().length() + 1 + OFFICIAL.length();
    return path.value().length() + added <= RepositoryName.MAX_LENGTH;
  }

  /** Docker Hub keeps its official images in {@code library/}, and names may leave that out. */
  private static MirroredRepository mirrored(UpstreamRegistry upstream, RepositoryName path) {
    boolean official = upstream.name().equals(DOCKER_HUB) && path.value().indexOf('/') < 0;
    return new MirroredRepository(
        upstream, official ? RepositoryName.parse(OFFICIAL + path.value()) : path);
  }
}
