package io.lighter.server.admin;

import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.gc.Garbage;
import io.lighter.storage.gc.GarbageCollector;
import io.lighter.storage.gc.GarbageTotals;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /admin/gc}: collects garbage and answers the totals. With {@code dryRun=true} nothing
 * is removed, and a line for each thing that would be comes before the totals.
 */
public final class GcOperation implements AdminOperation {
  private static final Logger LOG = LoggerFactory.getLogger(GcOperation.class);
  private static final String DRY_RUN = "dryRun";

  private final GarbageCollector collector;
  private final RegistryMetrics metrics;

  public GcOperation(GarbageCollector collector, RegistryMetrics metrics) {
    this.collector = collector;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "gc";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(DRY_RUN);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    boolean dryRun = request.flag(DRY_RUN);
    GarbageTotals totals =
        (dryRun
                ? collector.run(true, garbage -> answer.accept(GarbageLine.of(garbage)))
                : collect())
            .orElseThrow(() -> new AdminException.Busy("garbage is being collected already"));
    answer.accept(TotalsLine.of(dryRun, totals));
  }

  @Override
  public void stop() {
    collector.stop();
  }

  /** A collection that the schedule asks for. */
  public void runScheduled() {
    try {
      var _ = collect();
    } catch (RuntimeException e) {
      LOG.error("garbage collection broke off; the next one goes on", e);
    }
  }

  private Optional<GarbageTotals> collect() {
    long startedAt = System.nanoTime();
    try {
      Optional<GarbageTotals> totals = collector.run(false, this::count);
      totals.ifPresent(done -> {
        metrics.garbageCollected(done.complete(), done.duration());
        log(done);
      });
      return totals;
    } catch (RuntimeException e) {
      metrics.garbageCollected(false, Duration.ofNanos(System.nanoTime() - startedAt));
      throw e;
    }
  }

  private void count(Garbage garbage) {
    metrics.garbageRemoved(GarbageLine.kind(garbage), garbage.frees() ? garbage.bytes() : 0);
  }

  private static void log(GarbageTotals totals) {
    LOG.info(
        "garbage collection removed {} manifests, {} links, {} conversions, {} blobs and {} orphans, {} bytes, in {} ms",
        totals.manifests(),
        totals.links(),
        totals.conversions(),
        totals.blobs(),
        totals.orphans(),
        totals.bytes(),
        totals.duration().toMillis());
  }

  /** One thing that would be removed; {@code subject} is what a person calls it. */
  private record GarbageLine(
      String kind, String subject, long bytes, boolean frees, String reason) {

    static GarbageLine of(Garbage garbage) {
      return new GarbageLine(
          kind(garbage), subject(garbage), garbage.bytes(), garbage.frees(), garbage.reason());
    }

    static String kind(Garbage garbage) {
      return switch (garbage) {
        case Garbage.Manifest _ -> "manifest";
        case Garbage.Link _ -> "link";
        case Garbage.LazyView _ -> "lazy-view";
        case Garbage.Conversion _ -> "conversion";
        case Garbage.Blob _ -> "blob";
        case Garbage.UnknownFile _ -> "unknown-file";
        case Garbage.UnknownUpload _ -> "unknown-upload";
      };
    }

    private static String subject(Garbage garbage) {
      return switch (garbage) {
        case Garbage.Manifest(var repository, var digest, long _) -> repository + "@" + digest;
        case Garbage.Link(var repository, var digest, long _) -> repository + "@" + digest;
        case Garbage.LazyView(var repository, var original) -> repository + "@" + original;
        case Garbage.Conversion(var source, String recipe) -> source + " by " + recipe;
        case Garbage.Blob(var digest, long _) -> digest.toString();
        case Garbage.UnknownFile(var digest, long _) -> digest.toString();
        case Garbage.UnknownUpload(var id, long _) -> id.toString();
      };
    }
  }

  /** The end of the answer. */
  private record TotalsLine(
      boolean dryRun,
      long manifests,
      long links,
      long conversions,
      long blobs,
      long orphans,
      long bytes,
      boolean complete,
      long milliseconds) {

    static TotalsLine of(boolean dryRun, GarbageTotals totals) {
      return new TotalsLine(
          dryRun,
          totals.manifests(),
          totals.links(),
          totals.conversions(),
          totals.blobs(),
          totals.orphans(),
          totals.bytes(),
          totals.complete(),
          totals.duration().toMillis());
    }
  }
}
