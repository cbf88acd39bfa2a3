package io.lighter.server.limit;

import java.util.Optional;

/**
 * For whom something is done. Bound to the thread that answers a request, so that what it sets in
 * motion far below can be put on somebody's account; what nobody asked for has none.
 *
 * @param client the account, or the address of somebody who has none
 * @param namespace first component of the repository's name, or the upstream that is named; empty
 *     for what is about no repository
 */
public record Requester(String client, String namespace) {
  private static final ScopedValue<Requester> CURRENT = ScopedValue.newInstance();

  /** For whom this thread works now. */
  public static Optional<Requester> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Does something for this requester. */
  public <T> T call(ScopedValue.CallableOp<T, RuntimeException> action) {
    return ScopedValue.where(CURRENT, this).call(action);
  }
}
