package io.lighter.server.admin.view;

import io.lighter.oci.Tag;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.storage.gc.CachedImage;
import io.lighter.storage.gc.Evictor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * {@code GET /admin/eviction-order?limit=N}: which cached images would go first. All images are
 * looked at for it, so it is worked out twice a minute at most.
 */
public final class EvictionOrderView implements AdminView {
  private static final int LIMIT = 20;
  private static final int MOST = 500;
  private static final Duration AGE = Duration.ofSeconds(30);

  private final Recent<List<CachedImage>> order;

  public EvictionOrderView(Evictor evictor, Clock clock) {
    this.order = new Recent<>(clock, AGE, () -> evictor.next(MOST));
  }

  @Override
  public String name() {
    return "eviction-order";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("limit");
  }

  @Override
  public Record read(AdminRequest request) {
    int limit = request.number("limit", LIMIT, MOST);
    Recent.Known<List<CachedImage>> known = order.get();
    return new Document(known.at(), known.value().stream().limit(limit).map(Entry::of).toList());
  }

  /**
   * The order.
   *
   * @param at when it was worked out
   */
  private record Document(Instant at, List<Entry> images) {}

  /**
   * An image.
   *
   * @param bytes that would become free, without what it shares with others
   */
  private record Entry(
      String repository, String digest, List<String> tags, Instant lastUse, long bytes) {
    static Entry of(CachedImage image) {
      return new Entry(
          image.repository().value(),
          image.digest().toString(),
          image.tags().stream().map(Tag::value).toList(),
          image.lastUse(),
          image.bytes());
    }
  }
}
