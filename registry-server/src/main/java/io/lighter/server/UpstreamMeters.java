package io.lighter.server;

import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.upstream.StaleReason;
import io.lighter.server.upstream.UpstreamObserver;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Counts what happens between Lighter and its upstreams.
 *
 * @param configured names that are labels; what any request may name is {@code other}
 */
record UpstreamMeters(RegistryMetrics metrics, Supplier<Set<String>> configured)
    implements UpstreamObserver {

  @Override
  public void requested(String upstream, Operation operation, Outcome outcome) {
    metrics.upstreamRequest(label(upstream), label(operation), label(outcome));
  }

  @Override
  public void received(String upstream, long bytes) {
    metrics.upstreamBytes(label(upstream), bytes);
  }

  @Override
  public void answeredStale(String upstream, StaleReason reason) {
    metrics.staleAnswer(label(upstream), label(reason));
  }

  @Override
  public void refusedFromMemory(String upstream) {
    metrics.refusedFromMemory(label(upstream));
  }

  @Override
  public void pullsLeft(String upstream, long count) {
    metrics.pullsLeft(label(upstream), count);
  }

  @Override
  public void joined(String upstream) {
    metrics.fetchJoined(label(upstream));
  }

  @Override
  public void fetched(String upstream, boolean complete) {
    metrics.blobFetched(label(upstream), complete ? "complete" : "failed");
  }

  private String label(String upstream) {
    return configured.get().contains(upstream) ? upstream : "other";
  }

  private static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
