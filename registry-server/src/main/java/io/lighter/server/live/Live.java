package io.lighter.server.live;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Something that is replaced as a whole while requests are answered by it. Whoever {@linkplain
 * #holding holds} what he began with sees that to his end, however often it is replaced meanwhile:
 * all of the old or all of the new, and never some of both.
 *
 * <p>Thread-safe; never blocks.
 *
 * @param <T> immutable
 */
public final class Live<T> implements Supplier<T> {
  private final ScopedValue<T> held = ScopedValue.newInstance();
  private volatile T latest;

  public Live(T first) {
    this.latest = first;
  }

  /** What the caller holds; for one that holds nothing, what is in force now. */
  @Override
  public T get() {
    return held.isBound() ? held.get() : latest;
  }

  /** Puts another one in force, for all that begins from now on. */
  public void replace(T next) {
    latest = next;
  }

  /** Does something that sees this value wherever it asks, on this thread. */
  public <R> R holding(T value, ScopedValue.CallableOp<R, RuntimeException> action) {
    return ScopedValue.where(held, value).call(action);
  }

  /** A part of it, looked up each time. */
  public <P> Supplier<P> part(Function<? super T, P> part) {
    return () -> part.apply(get());
  }
}
