package io.lighter.storage.rocksdb;

import io.lighter.storage.Leases;
import io.lighter.storage.RepositoryKind;
import io.lighter.storage.gc.KeepTimes;
import java.time.Duration;
import java.time.Instant;

/**
 * When content of a repository was last used.
 *
 * @param usedAt when it was pushed, linked, asked for or read
 * @param readAt when it was read; long ago if never
 */
record Lease(Instant usedAt, Instant readAt) {
  static final Lease NONE = new Lease(Instant.EPOCH, Instant.EPOCH);

  static Lease of(Leases.Use use, Instant at) {
    return switch (use) {
      case ASK -> new Lease(at, Instant.EPOCH);
      case READ -> new Lease(at, at);
    };
  }

  /** The later of each time. */
  Lease and(Lease other) {
    return new Lease(later(usedAt, other.usedAt), later(readAt, other.readAt));
  }

  /** Whether neither time of the other is later than this one's by as much as the granularity. */
  boolean covers(Lease other, Duration granularity) {
    return other.usedAt.isBefore(usedAt.plus(granularity))
        && other.readAt.isBefore(readAt.plus(granularity));
  }

  /** Whether this keeps the content. */
  boolean holds(RepositoryKind kind, KeepTimes times, Duration granularity, Instant now) {
    Duration unread =
        switch (kind) {
          case HOSTED -> times.grace();
          case MIRRORED -> times.retention();
        };
    return usedAt.plus(unread).plus(granularity).isAfter(now)
        || readAt.plus(times.retention()).plus(granularity).isAfter(now);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
