package io.lighter.server;

import io.lighter.server.config.ServerConfig;
import io.lighter.server.content.Quotas;
import io.lighter.server.http.Traffic;
import io.lighter.server.limit.Limits;
import io.lighter.server.limit.Load;
import io.lighter.server.limit.Places;
import io.lighter.server.limit.QueueDelay;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.MetadataStore;

/**
 * What keeps clients from asking for too much, all together and each of them, with its metrics.
 *
 * @param fills places of downloads from upstreams
 * @param traffic which requests are let in, and how fast
 * @param quotas what may be pushed
 */
record Bounds(Places fills, Traffic traffic, Quotas quotas) {

  static Bounds of(ServerConfig config, MetadataStore metadata, RegistryMetrics metrics) {
    var limits = config.limits();
    var bounds =
        new Bounds(
            new Places("downloads", limits.fillCaps()),
            new Traffic(
                new Limits(limits.client().rate(), limits.namespace().rate(), System::nanoTime),
                new Places("requests", new Places.Caps(config.http().maxRequests(), 0, 0)),
                new Places("uploads", limits.uploadCaps()),
                new Load(limits.queueDelay(), System::nanoTime)),
            new Quotas(metadata, limits.quotaSettings()));
    bounds.watch(metrics);
    return bounds;
  }

  private void watch(RegistryMetrics metrics) {
    metrics.refused("rate", traffic.limits()::refused);
    metrics.refused("requests", traffic.requests()::refused);
    metrics.refused("uploads", traffic.uploads()::refused);
    metrics.refused("fills", fills::refused);
    metrics.refused("load", traffic.load()::refused);
    metrics.refused("quota", quotas::refused);
    QueueDelay loops = traffic.load().loops();
    metrics.queue("event-loop", loops::delay, loops::worst);
    QueueDelay threads = traffic.load().threads();
    metrics.queue("thread", threads::delay, threads::worst);
    metrics.gauge(
        "lighter.requests.waiting",
        "Requests that wait for storage or upstream",
        traffic.requests()::taken);
  }

  /** Sets other limits from now on, without a restart. */
  void replace(ServerConfig config) {
    var limits = config.limits();
    fills.replace(limits.fillCaps());
    traffic.limits().replace(limits.client().rate(), limits.namespace().rate());
    traffic.uploads().replace(limits.uploadCaps());
    traffic.load().replace(limits.queueDelay());
    quotas.replace(limits.quotaSettings());
  }
}
