package io.lighter.server.admin.view;

import io.lighter.oci.Digest;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.pinned.PinnedBytes;
import io.lighter.server.pinned.PinnedBytes.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** {@code GET /admin/pins?limit=N}: what stays in memory of lazy layers, and how useful that is. */
public final class PinsView implements AdminView {
  private static final int LIMIT = 20;
  private static final int MOST = 200;

  private final PinnedBytes pins;

  public PinsView(PinnedBytes pins) {
    this.pins = pins;
  }

  @Override
  public String name() {
    return "pins";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("limit");
  }

  @Override
  public Record read(AdminRequest request) {
    int limit = request.number("limit", LIMIT, MOST);
    return new Document(
        pins.limit(), Stream.of(Kind.values()).map(kind -> entry(kind, limit)).toList());
  }

  private Entry entry(Kind kind, int limit) {
    return new Entry(
        kind.name().toLowerCase(Locale.ROOT),
        pins.bytes(kind),
        pins.hits(kind),
        pins.misses(kind),
        pins.hottest(kind, limit).stream().map(Digest::toString).toList());
  }

  /**
   * All pins.
   *
   * @param limitBytes most bytes of all kinds together
   */
  private record Document(long limitBytes, List<Entry> kinds) {}

  /**
   * A kind.
   *
   * @param hits reads that found their bytes pinned
   * @param misses reads that did not
   * @param hottest layers with pins of this kind, the one that is read most first
   */
  private record Entry(String kind, long bytes, long hits, long misses, List<String> hottest) {}
}
