package io.lighter.server.http;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What a client is told to be here, which a garbage collection must not take away at once. */
final class Found {
  private static final int TRIES = 3;

  private Found() {}

  /**
   * Looks for something and leases it. If it was collected between the two, looks again: a hosted
   * repository does not have it then, a mirrored one gets it anew.
   *
   * @param keep leases it, and says whether it is still there
   */
  static <T> Optional<T> kept(Supplier<Optional<T>> look, BooleanSupplier keep) {
    Optional<T> found = look.get();
    for (int tries = 1; found.isPresent() && !keep.getAsBoolean(); tries++) {
      found = tries < TRIES ? look.get() : Optional.empty();
    }
    return found;
  }
}
