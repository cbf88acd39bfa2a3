package io.lighter.server.config;

import io.lighter.oci.RepositoryName;
import io.lighter.server.content.Quotas;
import io.lighter.server.limit.Limits;
import io.lighter.server.limit.Places;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How much is done at once, and how much one client or namespace may ask for.
 *
 * @param fills most downloads from upstreams at once
 * @param uploads most requests that send blobs at once
 * @param queueDelay how long requests may wait before some are refused; 0 for any time
 * @param client what one client may have
 * @param namespace what one namespace may have
 * @param quota most bytes that may be pushed to a namespace; 0 for any number
 * @param quotas the same for namespaces by name
 */
public record LimitsConfig(
    int fills,
    int uploads,
    Duration queueDelay,
    Share client,
    Share namespace,
    DataSize quota,
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

  /**
   * What one may have; 0 is as much as there is.
   *
   * @param requests in a second
   * @param bandwidth bytes of bodies in a second, in both directions together
   * @param fills downloads from upstreams at once
   */
  public record Share(int requests, DataSize bandwidth, int fills) {
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
