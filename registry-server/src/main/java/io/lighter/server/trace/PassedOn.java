package io.lighter.server.trace;

/** A piece of work that is not recorded: requests that it causes name the trace all the same. */
public record PassedOn(TraceContext context) implements Span {

  @Override
  public Span child(Kind kind, String name) {
    return new PassedOn(context.child());
  }

  @Override
  public boolean isRecorded() {
    return false;
  }

  @Override
  public void rename(String name) {}

  @Override
  public void set(String key, String value) {}

  @Override
  public void set(String key, long value) {}

  @Override
  public void failed(String why) {}

  @Override
  public void close() {}
}
