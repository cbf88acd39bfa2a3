package io.lighter.server.trace.otlp;

import io.lighter.server.trace.Span;
import io.lighter.server.trace.TraceContext;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/** A piece of work that is recorded. */
record RecordedSpan(Tracer tracer, io.opentelemetry.api.trace.Span span) implements Span {

  static RecordedSpan begin(Tracer tracer, Context parent, Kind kind, String name) {
    return new RecordedSpan(
        tracer, tracer.spanBuilder(name).setParent(parent).setSpanKind(kind(kind)).startSpan());
  }

  private static SpanKind kind(Kind kind) {
    return switch (kind) {
      case SERVER -> SpanKind.SERVER;
      case CLIENT -> SpanKind.CLIENT;
      case INTERNAL -> SpanKind.INTERNAL;
    };
  }

  @Override
  public TraceContext context() {
    SpanContext own = span.getSpanContext();
    return new TraceContext(own.getTraceId(), own.getSpanId(), own.getTraceFlags().asHex());
  }

  @Override
  public Span child(Kind kind, String name) {
    return begin(tracer, Context.root().with(span), kind, name);
  }

  @Override
  public boolean isRecorded() {
    return true;
  }

  @Override
  public void rename(String name) {
    span.updateName(name);
  }

  @Override
  public void set(String key, String value) {
    span.setAttribute(key, value);
  }

  @Override
  public void set(String key, long value) {
    span.setAttribute(key, value);
  }

  @Override
  public void failed(String why) {
    span.setStatus(StatusCode.ERROR, why);
  }

  @Override
  public void close() {
    span.end();
  }
}
