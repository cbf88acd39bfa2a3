package io.lighter.server.trace;

import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.MDC;

/**
 * What a thread works for. Bound to the thread, whose log lines then name the trace; {@link
 * #carrying} takes it to another one.
 */
public final class CurrentSpan {
  private static final ScopedValue<Span> CURRENT = ScopedValue.newInstance();

  private CurrentSpan() {}

  /** The piece of work that this thread does; empty if it is part of no trace. */
  public static Optional<Span> get() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Does something for this piece of work. */
  public static void run(Span span, Runnable action) {
    String outside = MDC.get(TraceContext.LOG_KEY);
    MDC.put(TraceContext.LOG_KEY, span.context().traceId());
    try {
      ScopedValue.where(CURRENT, span).run(action);
    } finally {
      if (outside == null) {
        MDC.remove(TraceContext.LOG_KEY);
      } else {
        MDC.put(TraceContext.LOG_KEY, outside);
      }
    }
  }

  /**
   * Does something as a piece of work of its own, which this thread's causes, if it has one.
   *
   * @param describe is given the piece of work when it has begun
   */
  public static void runPart(String name, Consumer<Span> describe, Runnable action) {
    Optional<Span> current = get();
    if (current.isEmpty()) {
      action.run();
      return;
    }
    try (Span part = current.get().child(Span.Kind.INTERNAL, name)) {
      describe.accept(part);
      run(part, action);
    }
  }

  /** The same action for another thread, for this one's piece of work, if it has one. */
  public static Runnable carrying(Runnable action) {
    return get().<Runnable>map(span -> () -> run(span, action)).orElse(action);
  }
}
