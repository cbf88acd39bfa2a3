package io.lighter.server.upstream;

import io.lighter.server.upstream.AddressGuard.Resolver;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Upstreams that nobody configured: a host with a public address becomes one, at {@code
 * https://HOST}, when a request names it. The last {@value #MOST} that were named are kept; one
 * that is not finishes what it has begun.
 *
 * <p>Thread-safe; blocks while a name is resolved.
 */
public final class OpenWorld implements AutoCloseable {
  static final int MOST = 256;

  private final Function<UpstreamSettings, UpstreamRegistry> factory;
  private final Resolver resolver;
  private final ReentrantLock lock = new ReentrantLock();

  /** By host, the one that was not named for the longest time first. */
  private final LinkedHashMap<String, UpstreamRegistry> upstreams = // guarded by lock
      new LinkedHashMap<>(16, 0.75f, true);

  private boolean retired; // guarded by lock

  /**
   * A world of which nothing is known yet.
   *
   * @param factory makes an upstream, without calling it
   */
  public OpenWorld(Function<UpstreamSettings, UpstreamRegistry> factory) {
    this(factory, host -> List.of(InetAddress.getAllByName(host)));
  }

  OpenWorld(Function<UpstreamSettings, UpstreamRegistry> factory, Resolver resolver) {
    this.factory = factory;
    this.resolver = resolver;
  }

  /**
   * The upstream that a host is.
   *
   * @param host in lower case, with its port if it has one
   * @return empty if that is no host with public addresses and no others
   */
  Optional<UpstreamRegistry> upstream(String host) {
    Optional<UpstreamRegistry> known = known(host);
    return known.isPresent() ? known : settings(host).map(this::add);
  }

  /** Those that are kept now. */
  List<UpstreamRegistry> known() {
    lock.lock();
    try {
      return List.copyOf(upstreams.values());
    } finally {
      lock.unlock();
    }
  }

  private Optional<UpstreamRegistry> known(String host) {
    lock.lock();
    try {
      return Optional.ofNullable(upstreams.get(host));
    } finally {
      lock.unlock();
    }
  }

  private Optional<UpstreamSettings> settings(String host) {
    try {
      UpstreamSettings settings =
          UpstreamSettings.of(host, endpoint(host)).withAddressing(Addressing.PUBLIC);
      List<InetAddress> addresses = resolver.addresses(settings.endpoint().getHost());
      return addresses.stream().anyMatch(AddressGuard::isPrivate)
          ? Optional.empty()
          : Optional.of(settings);
    } catch (IllegalArgumentException | UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** The one registry whose names say another host than the one that answers. */
  private static URI endpoint(String host) {
    return URI.create("https://" + (host.equals("docker.io") ? "registry-1.docker.io" : host));
  }

  private UpstreamRegistry add(UpstreamSettings settings) {
    lock.lock();
    try {
      UpstreamRegistry upstream =
          upstreams.computeIfAbsent(settings.name(), _ -> factory.apply(settings));
      if (retired) {
        upstream.retire();
      }
      if (upstreams.size() > MOST) {
        // Not closed: somebody may be reading from it.
        upstreams.pollFirstEntry().getValue().retire();
      }
      return upstream;
    } finally {
      lock.unlock();
    }
  }

  /** None of them is an upstream any more; what they have begun they finish. */
  public void retire() {
    lock.lock();
    try {
      retired = true;
      upstreams.values().forEach(UpstreamRegistry::retire);
    } finally {
      lock.unlock();
    }
  }

  /** Gives up every request to one that is kept. */
  @Override
  public void close() {
    lock.lock();
    try {
      upstreams.values().forEach(UpstreamRegistry::close);
    } finally {
      lock.unlock();
    }
  }
}
