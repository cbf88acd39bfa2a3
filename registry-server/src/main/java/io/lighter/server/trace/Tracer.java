package io.lighter.server.trace;

import java.util.Optional;

/** Begins traces, or takes part in those of callers. Thread-safe; only closing blocks. */
public interface Tracer extends AutoCloseable {

  /**
   * Begins the work on a request.
   *
   * @param caller what the request says about the trace that it is part of
   * @return empty if it is part of none
   */
  Optional<Span> request(Optional<TraceContext> caller);

  /** Begins work that nobody waits for, a trace of its own; empty if it is not to be recorded. */
  Optional<Span> background(String name);

  /** Sends what was recorded, within a bounded time. */
  @Override
  void close();

  /** Records nothing; traces of callers are passed on. */
  static Tracer passingOn() {
    return new Tracer() {
      @Override
      public Optional<Span> request(Optional<TraceContext> caller) {
        return caller.map(PassedOn::new);
      }

      @Override
      public Optional<Span> background(String name) {
        return Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
