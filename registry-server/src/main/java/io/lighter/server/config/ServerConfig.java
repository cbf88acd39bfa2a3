package io.lighter.server.config;

import io.lighter.server.access.AccessControl;
import io.lighter.server.content.RepositoryPatterns;
import io.lighter.server.http.TrustedProxies;
import io.lighter.server.observe.LogFormat;
import io.lighter.server.prefetch.PrefetchSchedule;
import io.lighter.server.upstream.UpstreamSettings;
import io.lighter.storage.gc.CacheLimits;
import io.lighter.storage.gc.KeepTimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * The whole configuration, checked: an object that exists can be started with. {@link ConfigLoader}
 * makes it out of defaults, a file, the environment and the command line; the defaults themselves
 * are {@code default-config.yaml} beside this class.
 *
 * @param http the registry API
 * @param management health and metrics
 * @param access who may do what
 * @param limits how much one may ask for, and all together
 * @param storage where everything is kept
 * @param memory what the process may use of the machine's memory
 * @param upstreams registries to pull through from; no other is called in a closed world
 * @param defaultUpstream name of the upstream that a plain name without namespace means when no
 *     hosted repository has it; empty for none
 * @param openWorld whether other public registries are called when a request names them
 * @param hosted repositories that are pushed to
 * @param conversion conversion to eStargz
 * @param verify verification of stored content
 * @param gc garbage collection
 * @param pull images that are pulled before anybody asks for them
 * @param logging log lines
 */
public record ServerConfig(
    Http http,
    Management management,
    AccessConfig access,
    @Reloadable LimitsConfig limits,
    Storage storage,
    MemoryConfig memory,
    @Reloadable List<UpstreamConfig> upstreams,
    @Reloadable String defaultUpstream,
    @Reloadable boolean openWorld,
    @Reloadable Hosted hosted,
    ConversionConfig conversion,
    Verify verify,
    Gc gc,
    @Reloadable List<PullConfig> pull,
    Logging logging) {

  public ServerConfig {
    upstreams = List.copyOf(upstreams);
    pull = List.copyOf(pull);
    var names = new LinkedHashSet<String>();
    var hosts = new HashSet<String>();
    for (UpstreamConfig upstream : upstreams) {
      if (!names.add(upstream.name())) {
        throw new ConfigException("upstreams", upstream.name(), "each name once");
      }
      for (String host : upstream.settings().addressing().hosts()) {
        if (!hosts.add(host)) {
          throw new ConfigException("upstreams", host, "each of the hosts once");
        }
      }
    }
    if (!access.isSet() && !http.listen().isLoopback()) {
      throw new ConfigException(
          "access.anonymous",
          "auto",
          "on the loopback only, and http.listen is %s; nothing says who may push. Give access.htpasswd or access.rules, or say what everybody may: pull, nothing, or everything"
              .formatted(http.listen()));
    }
    if (management.access() == ManagementAccess.ADMINS
        && !access.namesSomebody(!management.tls().clientAuthorities().isEmpty())) {
      throw new ConfigException(
          "management.access",
          "admins",
          "everybody, as long as nothing says who somebody is: that takes access.htpasswd, or access.rules with access.issuers or management.tls.clientAuthorities, and access.anonymous other than everything");
    }
    if (!defaultUpstream.isEmpty() && !names.contains(defaultUpstream)) {
      throw new ConfigException(
          "defaultUpstream", defaultUpstream, "empty, or one of " + String.join(", ", names));
    }
  }

  /** The settings of access control. */
  public AccessControl.Settings accessSettings() {
    return access.settings(
        upstreams.stream()
            .filter(
                upstream -> upstream.username().isPresent() || upstream.credentials().isPresent())
            .map(UpstreamConfig::name)
            .toList());
  }

  /** Images that are pulled before anybody asks for them. */
  public List<PrefetchSchedule.Entry> pulledAhead() {
    return pull.stream().map(PullConfig::entry).toList();
  }

  /** Settings of every upstream. */
  public List<UpstreamSettings> upstreamSettings() {
    return upstreams.stream().map(UpstreamConfig::settings).toList();
  }

  /**
   * Checks that the files that listeners and upstreams need can be read. Not part of making this
   * object: commands that only look for the server's address may run as somebody who must not read
   * them.
   *
   * @throws ConfigException if one cannot be read
   */
  public void requireFiles() {
    http.tls().byKey().forEach(requireReadable("http.tls."));
    access.users().ifPresent(file -> requireReadable("access.").accept("htpasswd", file));
    management.tls().byKey().forEach(requireReadable("management.tls."));
    for (int i = 0; i < upstreams.size(); i++) {
      upstreams.get(i).files().forEach(requireReadable("upstreams[%d].".formatted(i)));
    }
  }

  private static BiConsumer<String, Path> requireReadable(String section) {
    return (key, file) -> {
      if (!(Files.isRegularFile(file) && Files.isReadable(file))) {
        throw ConfigException.at(
            section + key,
            "\"%s\" %s; allowed: a file that the user of this process may read"
                .formatted(file, Files.exists(file) ? "cannot be read" : "does not exist"));
      }
    };
  }

  /** Names of upstreams by the {@code Host} that means them. */
  public Map<String, String> hosts() {
    return upstreams.stream()
        .flatMap(upstream ->
            upstream.settings().addressing().hosts().stream()
                .map(host -> Map.entry(host, upstream.name())))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /**
   * The registry API.
   *
   * @param listen address that clients connect to
   * @param eventLoops threads that serve connections; 0 for one on each core, at least 2
   * @param maxRequests most requests that wait for storage or upstream at once
   * @param drain how long requests under way may take when the server stops
   * @param maxConnections most connections that are served at once
   * @param maxBlobSize most bytes that a blob that is pushed may have; 0 for any number
   * @param headerTimeout longest time from the first byte of a request to the end of its headers
   * @param bodyTimeout longest time between two pieces of a request's body
   * @param idleTimeout longest time without a byte in either direction
   * @param trustedProxies addresses and networks whose {@code X-Forwarded-For} is believed
   * @param tls what it is encrypted with
   */
  public record Http(
      ListenAddress listen,
      int eventLoops,
      int maxRequests,
      Duration drain,
      int maxConnections,
      DataSize maxBlobSize,
      Duration headerTimeout,
      Duration bodyTimeout,
      Duration idleTimeout,
      List<String> trustedProxies,
      TlsConfig tls) {
    public Http {
      if (eventLoops < 0 || eventLoops > 1024) {
        throw new ConfigException("http.eventLoops", eventLoops, "0 to 1024");
      }
      if (maxRequests < 1) {
        throw new ConfigException("http.maxRequests", maxRequests, "1 or more");
      }
      if (maxConnections < 1) {
        throw new ConfigException("http.maxConnections", maxConnections, "1 or more");
      }
      requireTimeout("http.headerTimeout", headerTimeout);
      requireTimeout("http.bodyTimeout", bodyTimeout);
      requireTimeout("http.idleTimeout", idleTimeout);
      tls.requireWhole("http.tls");
      trustedProxies = List.copyOf(trustedProxies);
      try {
        var _ = TrustedProxies.parse(trustedProxies);
      } catch (IllegalArgumentException e) {
        throw ConfigException.at("http.trustedProxies", String.valueOf(e.getMessage()));
      }
    }

    /** Most bytes that a blob that is pushed may have. */
    public long maxBlobBytes() {
      return maxBlobSize.bytes() == 0 ? Long.MAX_VALUE : maxBlobSize.bytes();
    }

    private static void requireTimeout(String key, Duration timeout) {
      if (timeout.isZero() || timeout.compareTo(Duration.ofDays(1)) > 0) {
        throw new ConfigException(key, timeout.toMillis() + "ms", "more than 0ms, at most 1d");
      }
    }
  }

  /**
   * Health and metrics.
   *
   * @param listen address that operators connect to; never expose it beyond the cluster
   * @param tls what it is encrypted with
   * @param access who may use it, but for health and metrics
   */
  public record Management(ListenAddress listen, TlsConfig tls, ManagementAccess access) {
    public Management {
      tls.requireWhole("management.tls");
    }
  }

  /** Who may use the admin API and the page. */
  public enum ManagementAccess {
    /** Whoever can connect. */
    EVERYBODY,

    /** Whom a rule allows {@code admin} of all repositories. */
    ADMINS
  }

  /**
   * Where everything is kept.
   *
   * @param directory created if it does not exist; one server at a time
   * @param metadataMemory bytes that RocksDB may use for caches and write buffers
   * @param openBlobs how many blobs are kept open for the next range
   * @param uploadExpiry age at which an unfinished upload is removed
   * @param maxUploads most unfinished uploads at once
   * @param capacity most bytes of cached content; 0 for no cap
   * @param freeSpace room on the disk that is to stay free, at the cost of cached content
   * @param minFree room on the disk that pushes and downloads must leave
   * @param convertedLease how long converted content stays after it was last read or checked
   * @param partialExpiry how long a download that was broken off may rest
   */
  public record Storage(
      Path directory,
      DataSize metadataMemory,
      int openBlobs,
      Duration uploadExpiry,
      int maxUploads,
      @Reloadable DataSize capacity,
      @Reloadable FreeSpace freeSpace,
      FreeSpace minFree,
      @Reloadable Duration convertedLease,
      Duration partialExpiry) {

    /** A quarter of it, a shard of RocksDB's cache, must be able to hold the largest manifest. */
    private static final DataSize LEAST_METADATA_MEMORY = new DataSize(16L << 20);

    public Storage {
      if (metadataMemory.bytes() < LEAST_METADATA_MEMORY.bytes()) {
        throw new ConfigException(
            "storage.metadataMemory", metadataMemory, LEAST_METADATA_MEMORY + " or more");
      }
      if (maxUploads < 1) {
        throw new ConfigException("storage.maxUploads", maxUploads, "1 or more");
      }
      if (openBlobs < 1) {
        throw new ConfigException("storage.openBlobs", openBlobs, "1 or more");
      }
    }
  }

  /** How much cached content may take. It goes before a push is refused. */
  public CacheLimits cacheLimits() {
    return new CacheLimits(
        storage.capacity().bytes(),
        Math.max(storage.freeSpace().bytes(), storage.minFree().bytes()),
        Math.max(storage.freeSpace().percent(), storage.minFree().percent()),
        storage.convertedLease());
  }

  /**
   * Repositories that are pushed to.
   *
   * @param sparse patterns of repositories whose manifests may name content that was not pushed
   */
  public record Hosted(List<String> sparse) {
    public Hosted {
      sparse = List.copyOf(sparse);
      try {
        var _ = new RepositoryPatterns(sparse);
      } catch (IllegalArgumentException e) {
        throw ConfigException.at("hosted.sparse", String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Verification of stored content by schedule.
   *
   * @param interval how much time is between the beginnings of two passes; 0 for no schedule
   * @param rate how many bytes are read in a second at most
   */
  public record Verify(Duration interval, DataSize rate) {
    public Verify {
      if (rate.bytes() < 1) {
        throw new ConfigException("verify.rate", rate, "1B or more, a second");
      }
    }
  }

  /**
   * Garbage collection.
   *
   * @param interval time between the end of a collection and the next one; zero collects only when
   *     told to
   * @param grace how long what was pushed stays although nothing names it
   * @param retention how long what was read stays although nothing names it
   * @param removalsPerSecond how many things are removed in a second at most
   */
  public record Gc(
      @Reloadable Duration interval, Duration grace, Duration retention, int removalsPerSecond) {
    public Gc {
      if (removalsPerSecond < 1 || removalsPerSecond > 1_000_000) {
        throw new ConfigException("gc.removalsPerSecond", removalsPerSecond, "1 to 1000000");
      }
      var _ = new KeepTimes(grace, retention);
    }

    /** How long things stay. */
    public KeepTimes keep() {
      return new KeepTimes(grace, retention);
    }
  }

  /**
   * Log lines, on standard output.
   *
   * @param format text for people or JSON for machines
   * @param access whether there is a line for each request
   * @param slowRequests how long a request may take before there is a line that says where its time
   *     went; 0 for any time
   */
  public record Logging(LogFormat format, boolean access, Duration slowRequests) {}
}
