package io.lighter.server.admin;

import io.lighter.oci.Tag;
import io.lighter.server.observe.RegistryMetrics;
import io.lighter.storage.gc.CachedImage;
import io.lighter.storage.gc.Evicted;
import io.lighter.storage.gc.EvictionTotals;
import io.lighter.storage.gc.EvictionTotals.Reason;
import io.lighter.storage.gc.Evictor;
import io.lighter.storage.gc.Pressure;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /admin/evict}: evicts what has to go for the limits of cached content, a line for
 * each image and then the totals. With {@code dryRun=true} nothing goes.
 */
public final class EvictOperation implements AdminOperation {
  private static final Logger LOG = LoggerFactory.getLogger(EvictOperation.class);
  private static final String DRY_RUN = "dryRun";

  private final Evictor evictor;
  private final RegistryMetrics metrics;

  /** Said once when it begins and once when it ends. */
  private final AtomicBoolean tooFull = new AtomicBoolean();

  /** How many scheduled evictions one after the other were not enough. */
  private final AtomicInteger shortfalls = new AtomicInteger();

  private volatile Pressure pressure = new Pressure(0, 0, Optional.empty(), 0);

  public EvictOperation(Evictor evictor, RegistryMetrics metrics) {
    this.evictor = evictor;
    this.metrics = metrics;
    metrics.gauge(
        "lighter.cache.bytes",
        "Bytes of cached content, blobs that have arrived in part included",
        () -> pressure.cached());
    metrics.gauge(
        "lighter.cache.disk.free.bytes",
        "Bytes that can still be written to the disk of the store",
        () -> pressure.free());
    metrics.gauge(
        "lighter.cache.too.full",
        "1 while cached content is beyond its limits and nothing of it may go",
        () -> tooFull.get() ? 1 : 0);
  }

  @Override
  public String name() {
    return "evict";
  }

  @Override
  public Set<String> parameters() {
    return Set.of(DRY_RUN);
  }

  @Override
  public void run(AdminRequest request, Consumer<Record> answer) {
    boolean dryRun = request.flag(DRY_RUN);
    EvictionTotals totals =
        dryRun
            ? evictor.dryRun(image -> answer.accept(ImageLine.of(image)))
            : evict(image -> answer.accept(ImageLine.of(image)))
                .orElseThrow(() -> new AdminException.Busy("an eviction is under way already"));
    answer.accept(TotalsLine.of(dryRun, totals));
  }

  @Override
  public void stop() {
    evictor.stop();
  }

  /**
   * Looks whether anything has to go, and evicts it.
   *
   * @return false if less could go than has to
   */
  public boolean runScheduled() {
    try {
      pressure = evictor.pressure();
      if (pressure.reason().isEmpty()) {
        noteRoom();
        return true;
      }
      return evict(_ -> {}).map(EvictionTotals::enough).orElse(true);
    } catch (RuntimeException e) {
      LOG.error("eviction broke off; the next one goes on", e);
      return false;
    }
  }

  /**
   * Evicts for somebody who is about to be refused.
   *
   * @return whether the disk has room now for so many bytes
   */
  public boolean makeRoom(long bytes) {
    try {
      return evictor.makeRoom(bytes, evicted -> count(evicted, Reason.FREE_SPACE));
    } catch (RuntimeException e) {
      LOG.error("eviction broke off", e);
      return false;
    }
  }

  private Optional<EvictionTotals> evict(Consumer<CachedImage> each) {
    Optional<EvictionTotals> totals =
        evictor.run(evicted -> {
          count(evicted, pressure.reason().orElse(Reason.CAPACITY));
          each.accept(evicted.image());
        });
    pressure = evictor.pressure();
    totals.filter(done -> done.reason().isPresent()).ifPresent(this::note);
    return totals;
  }

  /** Says and counts what went. */
  void count(Evicted evicted, Reason reason) {
    metrics.evicted(reasonText(reason), evicted.blobs().size(), evicted.bytes());
    LOG.info(
        "evicted {}{}, last used {}: {} blobs, {} bytes ({})",
        subject(evicted.image()),
        evicted.convertedStays() ? " but not its converted content, which is in use" : "",
        evicted.image().lastUse(),
        evicted.blobs().size(),
        evicted.bytes(),
        reasonText(reason));
  }

  private void note(EvictionTotals totals) {
    if (totals.enough()) {
      noteRoom();
    } else if (shortfalls.incrementAndGet() > 1 && !tooFull.getAndSet(true)) {
      // The first time there may only be images that arrived a moment ago.
      LOG.error(
          "{}: {} bytes have to go, and {} could: the rest was pushed, or is in use, or is not of this store; downloads go on as long as the disk takes them",
          totals.reason().equals(Optional.of(Reason.FREE_SPACE))
              ? "the disk has less free space than storage.freeSpace"
              : "cached content is beyond storage.capacity",
          totals.wanted(),
          totals.bytes());
    }
  }

  private void noteRoom() {
    shortfalls.set(0);
    if (tooFull.getAndSet(false)) {
      LOG.info("cached content is within its limits again");
    }
  }

  /** What a person calls an image. */
  static String subject(CachedImage image) {
    return image.tags().isEmpty()
        ? image.repository() + "@" + image.digest()
        : "%s:%s (%s)"
            .formatted(
                image.repository(),
                image.tags().stream().map(Tag::value).collect(Collectors.joining(", ")),
                image.digest());
  }

  private static String reasonText(Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** One image that went, or would go. */
  private record ImageLine(String subject, Instant lastUse, long bytes) {
    static ImageLine of(CachedImage image) {
      return new ImageLine(EvictOperation.subject(image), image.lastUse(), image.bytes());
    }
  }

  /** The end of the answer. */
  private record TotalsLine(
      boolean dryRun,
      String reason,
      long wanted,
      long bytes,
      long images,
      long blobs,
      long partials) {

    static TotalsLine of(boolean dryRun, EvictionTotals totals) {
      return new TotalsLine(
          dryRun,
          totals.reason().map(EvictOperation::reasonText).orElse("none"),
          totals.wanted(),
          totals.bytes(),
          totals.images(),
          totals.blobs(),
          totals.partials());
    }
  }
}
