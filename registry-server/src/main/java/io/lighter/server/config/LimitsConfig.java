package io.lighter.server.config;

import io.lighter.oci.RepositoryName;
import io.lighter.server.content.Quotas;
import io.lighter.server.limit.Limits;
import io.lighter.server.limit.Places;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** How much is done at once, and how much one client or namespace may ask for. */
public record LimitsConfig(
    @Key(
            "most downloads from upstreams at once; one more waits 5 s for the end of another, then 503")
        int fills,
    @Key("most requests at once that send blobs; one more waits 2 s, then 503") int uploads,
    @Key(
            "how long requests may wait for a thread, or event loops be late, before some are refused; `0` for any time")
        Duration queueDelay,
    @Key("what one client may have") Share client,
    @Key(
            "the same for one namespace: the first component of a repository's name as it is asked for, or the upstream that `?ns=` or `OCI-Namespace` names")
        Share namespace,
    @Key(
            "most bytes that may be pushed to one namespace ([what counts](operations.md#quotas)); beyond it pushes are answered 403 `DENIED`. `0` is any number")
        DataSize quota,
    @Key(
            "the same for namespaces by name: `{team: 50GiB, scratch: 5GiB}`; these hold instead of `limits.quota`")
        Map<String, DataSize> quotas) {
  /** Limits that nobody meets. */
  public static final LimitsConfig NONE =
      new LimitsConfig(
          10_000, 10_000, Duration.ZERO, Share.ANY, Share.ANY, new DataSize(0), Map.of());

  public LimitsConfig {
    if (fills < 1) {
      throw new ConfigException("limits.fills", fills, "1 or more");
    }
    if (uploads < 1) {
      throw new ConfigException("limits.uploads", uploads, "1 or more");
    }
    client.require("limits.client");
    namespace.require("limits.namespace");
    quotas = Map.copyOf(quotas);
    for (String name : quotas.keySet()) {
      if (name.indexOf('/') >= 0 || RepositoryName.tryParse(name).isEmpty()) {
        throw new ConfigException(
            "limits.quotas", name, "first components of repository names, such as team");
      }
    }
  }

  /** What one may have; 0 is as much as there is. */
  public record Share(
      @Key(
              "requests in a second, twice that at once after a pause; one more is answered 429. `0` is any number")
          int requests,
      @Key(
              "bytes of bodies in a second, to and from it together; it is slowed down, not refused. `0` is any, else `16KiB` or more")
          DataSize bandwidth,
      @Key(
              "downloads from upstreams at once that it may have begun; one more waits 5 s, then 429. `0` is any number")
          int fills) {
    static final Share ANY = new Share(0, new DataSize(0), 0);

    private static final DataSize LEAST_BANDWIDTH = new DataSize(16 << 10);

    private void require(String section) {
      if (requests < 0 || fills < 0) {
        String key = requests < 0 ? ".requests" : ".fills";
        throw new ConfigException(
            section + key, Math.min(requests, fills), "0 for any number, or 1 or more");
      }
      if (bandwidth.bytes() > 0 && bandwidth.bytes() < LEAST_BANDWIDTH.bytes()) {
        throw new ConfigException(
            section + ".bandwidth", bandwidth, "0 for any, or 16KiB (a second) or more");
      }
    }

    /** Requests and bytes in a second. */
    public Limits.Rate rate() {
      return new Limits.Rate(requests, bandwidth.bytes());
    }
  }

  /** How many uploads there are at once. */
  public Places.Caps uploadCaps() {
    return new Places.Caps(uploads, 0, 0);
  }

  /** What may be pushed. */
  public Quotas.Settings quotaSettings() {
    return new Quotas.Settings(
        quota.bytes(),
        quotas.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().bytes())));
  }

  /** How many downloads there are at once. */
  public Places.Caps fillCaps() {
    return new Places.Caps(fills, client.fills(), namespace.fills());
  }
}
