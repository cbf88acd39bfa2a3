package io.lighter.server.content;

import io.lighter.oci.Digest;
import io.lighter.oci.RepositoryName;
import io.lighter.storage.MetadataStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many bytes may be pushed to a namespace. What is used is the sum that the metadata keeps; a
 * push reserves what it is about to add, so that several at once cannot exceed a quota together.
 * Thread-safe and blocking.
 */
public final class Quotas {
  private final MetadataStore metadata;
  private final LongAdder refused = new LongAdder();

  /** Bytes that pushes under way are about to add, by namespace. */
  private final Map<String, Long> reserved = new ConcurrentHashMap<>();

  private volatile Settings settings;

  /**
   * What namespaces may have.
   *
   * @param each bytes of one that is not named; 0 is any number
   * @param named bytes by namespace; 0 is any number
   */
  public record Settings(long each, Map<String, Long> named) {
    public Settings {
      named = Map.copyOf(named);
    }

    private long allowed(String namespace) {
      return named.getOrDefault(namespace, each);
    }
  }

  public Quotas(MetadataStore metadata, Settings settings) {
    this.metadata = metadata;
    this.settings = settings;
  }

  /** Sets other quotas from now on. What is stored stays, also beyond them. */
  public void replace(Settings other) {
    settings = other;
  }

  /** Most bytes that may be pushed to a namespace; 0 is any number. */
  public long allowed(String namespace) {
    return settings.allowed(namespace);
  }

  /** Number of pushes that were refused. */
  public long refused() {
    return refused.sum();
  }

  /**
   * Looks whether so many bytes more may be pushed, without keeping them from anybody.
   *
   * @param more 0 to look whether the quota is exceeded already
   * @throws QuotaExceededException if they may not
   */
  public void require(RepositoryName repository, long more) {
    String namespace = repository.namespace();
    long allowed = settings.allowed(namespace);
    if (allowed > 0) {
      requireRoom(namespace, allowed, reserved.getOrDefault(namespace, 0L), more);
    }
  }

  /**
   * Keeps room for a blob that is about to be linked, until the reservation is closed. A blob that
   * the namespace has takes none.
   *
   * @throws QuotaExceededException if there is none
   */
  public Reservation reserve(RepositoryName repository, Digest digest, long size) {
    String namespace = repository.namespace();
    long allowed = settings.allowed(namespace);
    if (allowed == 0 || metadata.isPushed(namespace, digest)) {
      return new Reservation(namespace, 0);
    }
    reserved.compute(
        namespace,
        (_, before) -> {
          long others = before == null ? 0 : before;
          requireRoom(namespace, allowed, others, size);
          return others + size;
        });
    return new Reservation(namespace, size);
  }

  private void requireRoom(String namespace, long allowed, long others, long more) {
    long used = metadata.pushedBytes(namespace);
    if (used + others + more > allowed) {
      refused.increment();
      throw new QuotaExceededException(namespace, used, allowed, more);
    }
  }

  /** Room that is kept for a push. */
  public final class Reservation implements AutoCloseable {
    private final String namespace;
    private final long size;

    private Reservation(String namespace, long size) {
      this.namespace = namespace;
      this.size = size;
    }

    /** Once, when the blob is linked or will not be. */
    @Override
    public void close() {
      if (size > 0) {
        reserved.computeIfPresent(
            namespace, (_, before) -> before == size ? null : Long.valueOf(before - size));
      }
    }
  }
}
