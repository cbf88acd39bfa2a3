package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lighter.oci.Digest;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The trace of a request, from its header to upstream and to the lines of the log. */
@Timeout(60)
class TraceTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @TempDir private Path data;

  @Test
  void request_withATrace_isNamedUpstreamAndInTheLog() {
    var traces = new ConcurrentLinkedQueue<String>();
    var lines =
        new AppenderBase<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            traces.add(event.getMDCPropertyMap().getOrDefault("trace", "none"));
          }
        };
    var logger = (Logger) LoggerFactory.getLogger("io.lighter.server");
    try (var upstream = ScriptedUpstream.start();
        var server = TestServer.start(data, upstream.uri(), Duration.ofHours(1))) {
      lines.start();
      logger.addAppender(lines);
      Digest digest = upstream.blob("library/app", new byte[1000]);
      for (int i = 0; i < 10; i++) { // However often it tries: the failure is logged.
        upstream.next(
            ScriptedUpstream.blobPath("library/app", digest), new Step.Status(500, Map.of()));
      }

      server.get(
          "/v2/docker.io/library/app/blobs/" + digest,
          "traceparent",
          "00-" + TRACE + "-00f067aa0ba902b7-01");

      List<String> seen = upstream.traces();
      assertThat(seen).isNotEmpty();
      assertThat(seen)
          .allSatisfy(
              header -> assertThat(header).startsWith("00-" + TRACE).doesNotContain("00f067aa"));
      assertThat(traces).contains(TRACE);
    } finally {
      logger.detachAppender(lines);
    }
  }
}
