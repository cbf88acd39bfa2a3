package io.lighter.server.trace;

/**
 * A piece of work of a trace, from its beginning until it is closed. One that is not recorded only
 * passes the trace on. Thread-safe, never blocks.
 */
public interface Span extends AutoCloseable {

  /** What a piece of work is, seen from this process. */
  enum Kind {
    SERVER,
    CLIENT,
    INTERNAL
  }

  /** The trace, and this piece of work as the parent of what it causes. */
  TraceContext context();

  /** Begins a piece of work that this one causes. */
  Span child(Kind kind, String name);

  /** Whether anybody hears of what is said of it. */
  boolean isRecorded();

  /** Gives it another name: from a small fixed set, as all names. */
  void rename(String name);

  void set(String key, String value);

  void set(String key, long value);

  /** It did not do what it was for. */
  void failed(String why);

  /** It has ended. */
  @Override
  void close();
}
