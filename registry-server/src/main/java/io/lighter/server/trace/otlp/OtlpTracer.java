package io.lighter.server.trace.otlp;

import io.lighter.server.trace.PassedOn;
import io.lighter.server.trace.Span;
import io.lighter.server.trace.TraceContext;
import io.lighter.server.trace.Tracer;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Sends what it records to a receiver of OTLP over HTTP, in batches, from a thread of its own. What
 * the receiver does not take, or does not take in time, is lost; nobody waits for it. Thread-safe.
 */
public final class OtlpTracer implements Tracer {
  private static final Duration STOP_WAIT = Duration.ofSeconds(2);
  private static final Duration BATCH_DELAY = Duration.ofSeconds(1);
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(5);

  /** About as many kilobytes: what a second of a busy server brings, at most. */
  private static final int QUEUE = 4096;

  private static final int BATCH = 512;
  private static final int MOST_TEXT = 512;

  private final SdkTracerProvider provider;
  private final io.opentelemetry.api.trace.Tracer tracer;
  private final double sample;

  private OtlpTracer(SdkTracerProvider provider, double sample) {
    this.provider = provider;
    this.tracer = provider.get("io.lighter");
    this.sample = sample;
  }

  /**
   * Begins to record.
   *
   * @param receiver where spans are posted to
   * @param sample which part of the requests is recorded whose callers say nothing, from 0 to 1
   * @param version of this program
   */
  public static OtlpTracer open(URI receiver, double sample, String version) {
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(receiver.toString())
            .setTimeout(SEND_TIMEOUT)
            .setMeterProvider(MeterProvider.noop())
            .build();
    var processor =
        BatchSpanProcessor.builder(new LoggedExporter(exporter, receiver, System::nanoTime))
            .setMaxQueueSize(QUEUE)
            .setMaxExportBatchSize(BATCH)
            .setScheduleDelay(BATCH_DELAY)
            .setExporterTimeout(SEND_TIMEOUT)
            .setMeterProvider(MeterProvider.noop())
            .build();
    var resource =
        Resource.getDefault().toBuilder()
            .put("service.name", "lighter")
            .put("service.version", version)
            .build();
    var provider =
        SdkTracerProvider.builder()
            .setResource(resource)
            // What is not to be recorded does not come so far.
            .setSampler(Sampler.alwaysOn())
            .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(MOST_TEXT).build())
            .addSpanProcessor(processor)
            .build();
    return new OtlpTracer(provider, sample);
  }

  @Override
  public Optional<Span> request(Optional<TraceContext> caller) {
    if (caller.isPresent()) {
      TraceContext context = caller.get();
      return Optional.of(
          context.isSampled() ? begin(remote(context), Span.Kind.SERVER) : new PassedOn(context));
    }
    return ThreadLocalRandom.current().nextDouble() < sample
        ? Optional.of(begin(Context.root(), Span.Kind.SERVER))
        : Optional.empty();
  }

  private Span begin(Context parent, Span.Kind kind) {
    return RecordedSpan.begin(tracer, parent, kind, "request");
  }

  private static Context remote(TraceContext caller) {
    return Context.root()
        .with(
            io.opentelemetry.api.trace.Span.wrap(
                SpanContext.createFromRemoteParent(
                    caller.traceId(),
                    caller.parentId(),
                    TraceFlags.getSampled(),
                    TraceState.getDefault())));
  }

  @Override
  public Optional<Span> background(String name) {
    return Optional.of(RecordedSpan.begin(tracer, Context.root(), Span.Kind.INTERNAL, name));
  }

  @Override
  public void close() {
    var _ = provider.shutdown().join(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
