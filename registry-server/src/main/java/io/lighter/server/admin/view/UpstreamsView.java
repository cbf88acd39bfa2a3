package io.lighter.server.admin.view;

import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.server.upstream.Namespaces;
import io.lighter.server.upstream.Priority;
import io.lighter.server.upstream.UpstreamHealth;
import io.lighter.server.upstream.UpstreamRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * {@code GET /admin/upstreams}: how the upstreams are doing, as their answers of late say. None is
 * asked for this.
 */
public final class UpstreamsView implements AdminView {
  private final Supplier<Namespaces> namespaces;
  private final RegistryMetrics metrics;

  public UpstreamsView(Supplier<Namespaces> namespaces, RegistryMetrics metrics) {
    this.namespaces = namespaces;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "upstreams";
  }

  @Override
  public Record read(AdminRequest request) {
    Namespaces now = namespaces.get();
    return new Document(now.upstreams().stream().map(upstream -> entry(now, upstream)).toList());
  }

  private Entry entry(Namespaces namespaces, UpstreamRegistry upstream) {
    UpstreamHealth health = upstream.health();
    // Those that are configured are counted each by itself, all others together.
    boolean known = namespaces.configured().contains(upstream.name());
    OptionalLong left = health.pullsLeft();
    return new Entry(
        upstream.name(),
        upstream.settings().endpoint().toString(),
        known,
        namespaces.defaultUpstream().filter(upstream::equals).isPresent(),
        health.rest().isPresent() ? "resting" : "open",
        health.rest().map(Duration::toMillis).orElse(0L),
        new Connections(
            health.maxConnections(),
            taken(health, Priority.QUESTION),
            taken(health, Priority.RANGE),
            taken(health, Priority.DOWNLOAD),
            taken(health, Priority.BACKGROUND),
            health.waiting()),
        left.isPresent() ? Optional.of(left.getAsLong()) : Optional.empty(),
        known ? Optional.of(traffic(upstream.name())) : Optional.empty());
  }

  private static int taken(UpstreamHealth health, Priority priority) {
    return health.connections().getOrDefault(priority, 0);
  }

  private Traffic traffic(String upstream) {
    long all = count("lighter.upstream.requests", upstream);
    return new Traffic(
        all,
        all
            - count("lighter.upstream.requests", upstream, "outcome", "ok")
            - count("lighter.upstream.requests", upstream, "outcome", "not_found"),
        count("lighter.upstream.bytes", upstream),
        count("lighter.upstream.stale", upstream));
  }

  private long count(String name, String upstream, String... labels) {
    var all = new String[labels.length + 2];
    all[0] = "upstream";
    all[1] = upstream;
    System.arraycopy(labels, 0, all, 2, labels.length);
    return Math.round(metrics.total(name, all));
  }

  private record Document(List<Entry> upstreams) {}

  /**
   * An upstream.
   *
   * @param configured false if a request named it, in an open world
   * @param preferred whether plain names mean it
   * @param state {@code open}, or {@code resting} because it did not answer
   * @param restMilliseconds until it is asked again; 0 if it may be asked
   * @param pullsLeft pulls that it allows until its limit, if it said so in the last minutes
   * @param traffic since the start; none for those that are counted together
   */
  private record Entry(
      String name,
      String endpoint,
      boolean configured,
      boolean preferred,
      String state,
      long restMilliseconds,
      Connections connections,
      Optional<Long> pullsLeft,
      Optional<Traffic> traffic) {}

  /**
   * The budget of connections.
   *
   * @param most there may be at a time
   * @param waiting requests that wait for one
   */
  private record Connections(
      int most, int question, int range, int download, int background, int waiting) {}

  /**
   * What crossed the link.
   *
   * @param failed requests that were answered neither with what was asked for nor with 404
   * @param bytes of blobs
   * @param stale answers from what was known before, because it did not confirm them
   */
  private record Traffic(long requests, long failed, long bytes, long stale) {}
}
