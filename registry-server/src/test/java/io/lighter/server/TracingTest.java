package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lighter.oci.Digest;
import io.lighter.server.OtlpReceiver.Received;
import io.lighter.server.config.TracingConfig;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a receiver of spans hears of a server. */
@Timeout(120)
class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + CALLER + "-00";
  private static final int SERVER = 2;
  private static final int CLIENT = 3;

  @TempDir private Path data;
  private final OtlpReceiver receiver = OtlpReceiver.start();
  private final ScriptedUpstream upstream = ScriptedUpstream.start();

  @AfterEach
  void close() {
    upstream.close();
    receiver.close();
  }

  @Test
  void pull_ofACallerWhoRecords_isASpanOfHisTrace_withUpstreamBelowIt() {
    Digest digest = upstream.blob("library/app", new byte[1000]);
    try (var server = start(0)) {
      var answer = server.get("/v2/docker.io/library/app/blobs/" + digest, "traceparent", SAMPLED);
      assertThat(answer.statusCode()).isEqualTo(200);
      await().until(() -> named("GET").size() == 1 && named("fill").size() == 1);
      await().until(() -> requests().size() == 1);
    }

    Received request = requests().getFirst();
    assertThat(request.traceId()).isEqualTo(TRACE);
    assertThat(request.parentId()).isEqualTo(CALLER);
    assertThat(request.name()).isEqualTo("GET /v2/{name}/blobs/{digest}");
    assertThat(request.attributes())
        .containsEntry("http.request.method", "GET")
        .containsEntry("http.route", "/v2/{name}/blobs/{digest}")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("http.response.body.size", "1000")
        .containsEntry("lighter.repository", "docker.io/library/app");
    assertThat(request.resource()).containsEntry("service.name", "lighter");
    Received fill = named("fill").getFirst();
    assertThat(fill.parentId()).isEqualTo(request.spanId());
    assertThat(fill.attributes()).containsEntry("lighter.blob", digest.toString());
    Received call = named("GET").getFirst();
    assertThat(call.kind()).isEqualTo(CLIENT);
    assertThat(call.parentId()).isEqualTo(fill.spanId());
    assertThat(call.attributes())
        .containsEntry("lighter.upstream", "docker.io")
        .containsEntry("http.response.status_code", "200");
    assertThat(receiver.spans()).allMatch(span -> span.traceId().equals(TRACE));
    // Upstream is told the spans of the requests to it.
    assertThat(upstream.traces())
        .containsExactlyInAnyOrderElementsOf(
            receiver.spans().stream()
                .filter(span -> span.kind() == CLIENT)
                .map(span -> "00-%s-%s-01".formatted(TRACE, span.spanId()))
                .toList());
  }

  @Test
  void answerFromWhatIsOpen_isASpanToo() {
    try (var server = start(0)) {
      Digest digest = Digest.ofSha256(new byte[10]);
      server.pushBlob("team/app", digest, new byte[10]);
      for (int i = 0; i < 3; i++) {
        server.get("/v2/team/app/blobs/" + digest, "traceparent", SAMPLED, "Range", "bytes=0-4");
      }
    }

    assertThat(requests())
        .hasSize(3)
        .allSatisfy(request -> {
          assertThat(request.parentId()).isEqualTo(CALLER);
          assertThat(request.attributes())
              .containsEntry("http.response.status_code", "206")
              .containsEntry("http.response.body.size", "5");
        });
  }

  @Test
  void callerWhoDoesNotRecord_isPassedOnAndNotRecorded() {
    Digest digest = upstream.blob("library/app", new byte[1000]);
    try (var server = start(1)) {
      server.get("/v2/docker.io/library/app/blobs/" + digest, "traceparent", NOT_SAMPLED);
    }

    assertThat(upstream.traces())
        .isNotEmpty()
        .allSatisfy(trace -> assertThat(trace).matches("00-" + TRACE + "-[0-9a-f]{16}-00"));
    assertThat(receiver.spans()).isEmpty();
  }

  @Test
  void callerWhoSaysNothing_isRecordedByShare() {
    try (var server = start(1)) {
      server.get("/v2/");
    }
    assertThat(requests()).hasSize(1);
    assertThat(requests().getFirst().parentId()).isEmpty();
    assertThat(requests().getFirst().name()).isEqualTo("GET /v2/");

    try (var server = start(0)) {
      server.get("/v2/");
    }
    assertThat(requests()).hasSize(1);
  }

  @Test
  void serverError_isAFailure_andNoEndpointHasNoRoute() {
    try (var server = start(1)) {
      server.get("/v2/team/app/nothing/here");
      upstream.always(
          ScriptedUpstream.manifestPath("library/app", "1"), new Step.Status(500, Map.of()));
      server.get("/v2/docker.io/library/app/manifests/1");
    }

    assertThat(requests())
        .filteredOn(request -> request.name().equals("HTTP"))
        .hasSize(1)
        .allMatch(request -> !request.failed());
    assertThat(requests())
        .filteredOn(Received::failed)
        .extracting(Received::name)
        .containsExactly("GET /v2/{name}/manifests/{reference}");
  }

  @Test
  void conversion_isATraceOfItsOwn() {
    try (var server = start(0)) {
      server.push("team/app", TestImage.random(3), "1");

      await().atMost(Duration.ofMinutes(1)).until(() -> named("conversion").size() == 1);
    }

    Received conversion = named("conversion").getFirst();
    assertThat(conversion.parentId()).isEmpty();
    assertThat(conversion.attributes())
        .containsEntry("lighter.repository", "team/app")
        .containsEntry("lighter.outcome", "published");
  }

  @Test
  void receiverThatIsAway_hindersNobody_andIsLoggedOnce() {
    var logged = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger("io.lighter.server.trace.otlp.LoggedExporter");
    receiver.answer(400);
    try (var server = start(1)) {
      logged.start();
      logger.addAppender(logged);
      await()
          .until(() -> {
            assertThat(server.get("/v2/").statusCode()).isEqualTo(200);
            return !logged.list.isEmpty();
          });
      receiver.close();
      for (int i = 0; i < 100; i++) {
        assertThat(server.get("/v2/").statusCode()).isEqualTo(200);
      }
      long stopsAt = System.nanoTime();
      server.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - stopsAt)).isLessThan(Duration.ofSeconds(5));
    } finally {
      logger.detachAppender(logged);
    }

    assertThat(logged.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .hasSize(1)
        .allSatisfy(line -> assertThat(line).contains("do not arrive", receiver.address()));
  }

  private TestServer start(double sample) {
    return TestServer.start(data, upstream.uri(), new TracingConfig(receiver.address(), sample));
  }

  private List<Received> requests() {
    return receiver.spans().stream().filter(span -> span.kind() == SERVER).toList();
  }

  private List<Received> named(String name) {
    return receiver.spans().stream().filter(span -> span.name().equals(name)).toList();
  }
}
