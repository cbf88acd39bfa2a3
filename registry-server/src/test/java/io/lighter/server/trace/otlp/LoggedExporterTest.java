package io.lighter.server.trace.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggedExporterTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(LoggedExporter.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final AtomicLong now = new AtomicLong(-1);
  private CompletableResultCode answer = CompletableResultCode.ofSuccess();

  private final LoggedExporter exporter =
      new LoggedExporter(
          new SpanExporter() {
            @Override
            public CompletableResultCode export(Collection<SpanData> spans) {
              return answer;
            }

            @Override
            public CompletableResultCode flush() {
              return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode shutdown() {
              return CompletableResultCode.ofSuccess();
            }
          },
          URI.create("http://collector:4318/v1/traces"),
          now::get);

  @BeforeEach
  void listen() {
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(logged);
  }

  @Test
  void export_thatFails_isSaidAtOnce_thenOnceAMinute_andWhenItIsOver() {
    export();
    assertThat(lines()).isEmpty();

    answer = CompletableResultCode.ofExceptionalFailure(new IOException("no route"));
    export();
    assertThat(lines()).hasSize(1);
    assertThat(lines().getFirst())
        .contains("do not arrive at http://collector:4318/v1/traces", "no route");
    after(Duration.ofSeconds(59));
    export();
    assertThat(lines()).hasSize(1);
    after(Duration.ofSeconds(1));
    export();
    export();
    assertThat(lines()).hasSize(2);

    answer = CompletableResultCode.ofSuccess();
    export();
    export();
    assertThat(lines()).hasSize(3);
    assertThat(lines().getLast()).contains("arrive at", "again");

    answer = CompletableResultCode.ofFailure();
    export();
    assertThat(lines()).hasSize(4);
  }

  private void export() {
    assertThat(exporter.export(List.of()).isDone()).isTrue();
  }

  private void after(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
