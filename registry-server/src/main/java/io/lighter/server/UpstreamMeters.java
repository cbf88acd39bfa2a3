package io.lighter.server;

import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamObserver;
import java.util.Locale;

/** Counts what happens between Lighter and its upstreams. */
record UpstreamMeters(RegistryMetrics metrics) implements UpstreamObserver {

  @Override
  public void requested(String upstream, Operation operation, Outcome outcome) {
    metrics.upstreamRequest(upstream, label(operation), label(outcome));
  }

  @Override
  public void received(String upstream, long bytes) {
    metrics.upstreamBytes(upstream, bytes);
  }

  @Override
  public void answeredStale(String upstream, StaleReason reason) {
    metrics.staleAnswer(upstream, label(reason));
  }

  @Override
  public void refusedFromMemory(String upstream) {
    metrics.refusedFromMemory(upstream);
  }

  @Override
  public void joined(String upstream) {
    metrics.fetchJoined(upstream);
  }

  @Override
  public void fetched(String upstream, boolean complete) {
    metrics.blobFetched(upstream, complete ? "complete" : "failed");
  }

  private static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
