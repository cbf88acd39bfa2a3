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
 */
public record ServerConfig(
    @Key("the registry API") Http http,
    @Key("health, metrics, the admin API and the page; for operators only") Management management,
    @Key("who may do what ([how](security.md))") AccessConfig access,
    @Key(
            "how much one may ask for, and all together ([overload and limits](operations.md#overload-and-limits)); when they change, everybody begins with his burst")
        @Reloadable
        LimitsConfig limits,
    @Key("where everything is kept") Storage storage,
    @Key(
            "what the process may use of the machine's memory ([how it is divided](operations.md#memory))")
        MemoryConfig memory,
    @Key(
            value =
                "registries to pull through from; no registry that is not in it is ever called, unless `openWorld` is on. One that changes finishes what it has begun as it was; one that does not keeps its connections",
            shown = "the public registries")
        @Reloadable
        List<UpstreamConfig> upstreams,
    @Key("what a plain name means that no hosted repository has; empty for nothing") @Reloadable
        String defaultUpstream,
    @Key(
            "whether any other host in `?ns=`, `OCI-Namespace` or as the first component of a path is an upstream too, at `https://HOST` and without an account, if it has public addresses only. The last 256 that were named are kept. A first component with a dot or a port then names a registry unless something was pushed under the whole name; a new name like that cannot be pushed to")
        @Reloadable
        boolean openWorld,
    @Key("repositories that are pushed to") @Reloadable Hosted hosted,
    @Key("conversion to eStargz ([below](#conversion))") ConversionConfig conversion,
    @Key("verification of what is stored ([how](backup-and-verify.md))") Verify verify,
    @Key("[garbage collection](garbage-collection.md)") Gc gc,
    @Key("images that are [pulled ahead](capacity.md#one-image), at the start and again and again")
        @Reloadable
        List<PullConfig> pull,
    @Key("log lines, on standard output") Logging logging,
    @Key("traces of what the server does ([how](operations.md#traces))") TracingConfig tracing) {

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

  /** The registry API. */
  public record Http(
      @Key(value = "address of the registry API; port 0 takes a free one", option = "--listen")
          ListenAddress listen,
      @Key("threads that serve connections; `0` is one on each core, at least 2") int eventLoops,
      @Key(
              "most requests that wait for storage or upstream at once; one more is answered 503 with `Retry-After`. Not counted: ranges of blobs that are open already, and bodies that are being sent")
          int maxRequests,
      @Key(
              "how long requests under way may take when the server stops; new ones get what is open already, or 503 with `Retry-After` ([why that matters](operations.md#signals-drain-restart))")
          Duration drain,
      @Key(
              "most connections at once; a request on one more is answered 503 with `Retry-After`, and its connection closed")
          int maxConnections,
      @Key(
              "most bytes that a pushed blob may have, such as `20GiB`; `0` is no limit. A request that goes beyond it is answered 413, before its body if its length is known, and the upload keeps what it had. What is pulled through is not limited")
          DataSize maxBlobSize,
      @Key("longest time from the first byte of a request to the end of its headers")
          Duration headerTimeout,
      @Key(
              "longest time between two pieces of a request's body, after which it is answered 408. A slow body that moves is never broken off; a stalled upload can be resumed")
          Duration bodyTimeout,
      @Key(
              "longest time without a byte in either direction; longer than the 90 s for which clients keep idle connections, so that they close them and not Lighter")
          Duration idleTimeout,
      @Key(
              "addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed. It names the client in the access log and nothing else; `X-Forwarded-Proto` and `-Host` are not needed, because every `Location` is relative")
          List<String> trustedProxies,
      @Key(
              "with a certificate the registry API speaks TLS 1.3 and 1.2 and nothing else on its port ([TLS](operations.md#tls)); a client that shows no certificate of its own is served like any other")
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

  /** Health and metrics. */
  public record Management(
      @Key(
              "address of `/health/live`, `/health/ready`, `/metrics`, the admin API and the page, which are for operators only; never expose it beyond the cluster")
          ListenAddress listen,
      @Key(
              "whether the [pages below `/debug`](operations.md#debug-pages) are there: thread dumps, memory, requests under way, the store, this configuration, recordings")
          boolean debug,
      @Key(
              "the same for the management listener; the commands that talk to it find it in the configuration (`--config`). With `clientAuthorities`, everything but `/health/…` needs a certificate of one of them; the commands show the listener's own certificate, which therefore has to be one of theirs too, and good for clients")
          TlsConfig tls,
      @Key(
              "who may use the admin API and the page: `everybody` who can connect, or `admins`, whom a rule allows `admin` of all repositories (`\"**\"`; without rules every user of `htpasswd`), by Basic, by a token of one of `access.issuers`, or by client certificate. Health and metrics are for all either way. Commands say who asks by `--user` and `--password-file`, or `--token-file`")
          ManagementAccess access) {
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

  /** Where everything is kept. */
  public record Storage(
      @Key(
              value = "everything is in here; created if it does not exist; one server at a time",
              option = "--data")
          Path directory,
      @Key("RocksDB's block cache and write buffers together; `16MiB` or more")
          DataSize metadataMemory,
      @Key("how many blob files are kept open for the next range; each takes two descriptors")
          int openBlobs,
      @Key("age at which an unfinished upload is removed") Duration uploadExpiry,
      @Key("most unfinished uploads at once; one more is answered 429") int maxUploads,
      @Key("most bytes of [cached content](capacity.md); `0` for no cap") @Reloadable
          DataSize capacity,
      @Key(
              "room on the disk that is to stay free, at the cost of cached content: a share of the disk, or an amount; `0` for none")
          @Reloadable
          FreeSpace freeSpace,
      @Key(
              "room on the disk that no blob may take: [pushes are refused and downloads not kept](operations.md#when-the-disk-is-full) before the disk is full; `0` for none")
          FreeSpace minFree,
      @Key("how long converted content of upstream images stays after it was last read or checked")
          @Reloadable
          Duration convertedLease,
      @Key("how long a download that was broken off may rest before it is removed")
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

  /** Repositories that are pushed to. */
  public record Hosted(
      @Key(
              "patterns of hosted repositories whose manifests may name content that was not pushed; `*` is part of a component, `**` any number of components: `team/**` is all below `team`")
          List<String> sparse) {
    public Hosted {
      sparse = List.copyOf(sparse);
      try {
        var _ = new RepositoryPatterns(sparse);
      } catch (IllegalArgumentException e) {
        throw ConfigException.at("hosted.sparse", String.valueOf(e.getMessage()));
      }
    }
  }

  /** Verification of stored content by schedule. */
  public record Verify(
      @Key("how often everything that is stored is verified; `0s` for only when asked")
          Duration interval,
      @Key("how much of it is read in a second at most") DataSize rate) {
    public Verify {
      if (rate.bytes() < 1) {
        throw new ConfigException("verify.rate", rate, "1B or more, a second");
      }
    }
  }

  /** Garbage collection. */
  public record Gc(
      @Key("time between the end of a collection and the next; `0` collects only when told to")
          @Reloadable
          Duration interval,
      @Key(
              "how long what was pushed, linked, mounted or asked for stays although nothing names it; longer than the longest push, at least `1s`")
          Duration grace,
      @Key(
              "how long what was read stays although nothing names it, and anything in mirrored repositories; not less than `gc.grace`")
          Duration retention,
      @Key("most removals in a second") int removalsPerSecond) {
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

  /** Log lines, on standard output. */
  public record Logging(
      @Key("text for people, or JSON for machines") LogFormat format,
      @Key("one line for each request") boolean access,
      @Key(
              "how long a request may take before a [line](operations.md#log) says where its time went; `0` for any time")
          Duration slowRequests) {}
}
