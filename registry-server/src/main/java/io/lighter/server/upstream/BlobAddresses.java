package io.lighter.server.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where an upstream sent us a moment ago for a blob, so that the next range of a starting container
 * does not take the way over the upstream again. Most keep their blobs in an object store, and sign
 * an address there that is good for some minutes; it is used for {@link #TIME}.
 *
 * <p>Thread-safe.
 */
final class BlobAddresses {
  static final Duration TIME = Duration.ofMinutes(1);

  private static final int MOST = 1000;

  private final Cache<URI, URI> addresses;

  /**
   * @param ticker tells how long an address is known
   */
  BlobAddresses(Ticker ticker) {
    this.addresses =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(TIME)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** Whether an answer has bytes of the blob. */
  static boolean isContent(UpstreamResponse response) {
    return response.status() == 200 || response.status() == 206;
  }

  Optional<URI> of(URI blob) {
    return Optional.ofNullable(addresses.getIfPresent(blob));
  }

  /** Remembers where an answer came from, if it has bytes of the blob and came from elsewhere. */
  void learn(URI blob, UpstreamResponse response) {
    if (isContent(response)) {
      response.elsewhere().ifPresent(address -> addresses.put(blob, address));
    }
  }

  void forget(URI blob) {
    addresses.invalidate(blob);
  }
}
