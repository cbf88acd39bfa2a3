package io.lighter.server;

import io.lighter.server.access.AccessTerms;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.http.RequestSettings;
import io.lighter.server.http.VirtualHosts;
import io.lighter.server.live.Live;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.OpenWorld;
import io.lighter.server.upstream.UpstreamObserver;
import io.lighter.server.upstream.UpstreamRegistry;
import io.lighter.server.upstream.UpstreamSettings;
import io.lighter.storage.MetadataStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes what requests are answered by out of the configuration, and replaces it when that changes.
 * An upstream that a change leaves as it is keeps its connections and tokens; any other finishes
 * what it has begun and keeps none. Thread-safe.
 */
final class RequestSetUp implements AutoCloseable {
  private final MetadataStore metadata;
  private final Clock clock;
  private final UpstreamObserver observer;
  private final Live<RequestSettings> live;
  private Upstreams upstreams; // guarded by this

  private record Upstreams(List<UpstreamRegistry> configured, Optional<OpenWorld> open) {
    static final Upstreams NONE = new Upstreams(List.of(), Optional.empty());

    Optional<UpstreamRegistry> like(UpstreamSettings settings) {
      return configured.stream()
          .filter(upstream -> upstream.settings().equals(settings))
          .findFirst();
    }

    private List<String> names() {
      return configured.stream().map(UpstreamRegistry::name).toList();
    }

    void retireBut(Upstreams kept) {
      configured.stream()
          .filter(upstream -> !kept.configured.contains(upstream))
          .forEach(UpstreamRegistry::retire);
      open.filter(world -> !kept.open.equals(Optional.of(world))).ifPresent(OpenWorld::retire);
    }

    void close() {
      configured.forEach(UpstreamRegistry::close);
      open.ifPresent(OpenWorld::close);
    }
  }

  /**
   * Sends no request.
   *
   * @throws io.lighter.server.upstream.InvalidSettingException if a file of certificates is none
   * @throws io.lighter.server.tls.TlsException likewise
   */
  RequestSetUp(ServerConfig config, MetadataStore metadata, RegistryMetrics metrics, Clock clock) {
    this.metadata = metadata;
    this.clock = clock;
    this.observer = new UpstreamMeters(metrics, this::configured);
    this.upstreams = upstreams(config, Upstreams.NONE);
    this.live =
        new Live<>(settings(config, upstreams, AccessTerms.of(config.accessSettings(), clock), 0));
  }

  private Set<String> configured() {
    return live.get().namespaces().configured();
  }

  /** What requests are answered by. */
  Live<RequestSettings> live() {
    return live;
  }

  /** Is told what happens between the server and its upstreams. */
  UpstreamObserver observer() {
    return observer;
  }

  /**
   * Has requests that begin from now on answered by another configuration.
   *
   * @throws io.lighter.server.upstream.InvalidSettingException if a file of certificates is none;
   *     then nothing has changed
   * @throws io.lighter.server.tls.TlsException likewise
   */
  synchronized void replace(ServerConfig config) {
    RequestSettings before = live.get();
    Upstreams next = upstreams(config, upstreams);
    AccessTerms access = before.access().replacedBy(config.accessSettings(), clock);
    live.replace(settings(config, next, access, before.number() + 1));
    upstreams.retireBut(next);
    upstreams = next;
  }

  private Upstreams upstreams(ServerConfig config, Upstreams before) {
    List<UpstreamRegistry> configured =
        config.upstreamSettings().stream()
            .map(settings -> before.like(settings).orElseGet(() -> registry(settings)))
            .toList();
    var next = new Upstreams(configured, Optional.empty());
    if (!config.openWorld()) {
      return next;
    }
    // One that knows a host which is configured now would know it beside the configuration.
    OpenWorld open =
        before
            .open()
            .filter(_ -> before.names().equals(next.names()))
            .orElseGet(() -> new OpenWorld(this::registry));
    return new Upstreams(configured, Optional.of(open));
  }

  private UpstreamRegistry registry(UpstreamSettings settings) {
    return new UpstreamRegistry(settings, clock, observer);
  }

  private RequestSettings settings(
      ServerConfig config, Upstreams next, AccessTerms access, long number) {
    return new RequestSettings(
        number,
        new VirtualHosts(config.hosts()),
        new Namespaces(
            next.configured(),
            config.defaultUpstream().isEmpty() ? null : config.defaultUpstream(),
            next.open(),
            metadata),
        access,
        config.conversion().policies(),
        new RepositoryPatterns(config.hosted().sparse()));
  }

  /** Gives up every request to an upstream. */
  @Override
  public synchronized void close() {
    upstreams.close();
  }
}
