package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.server.config.ConfigLoader;
import io.lighter.server.upstream.ScriptedUpstream;
import io.lighter.server.upstream.ScriptedUpstream.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DebugPagesTest {
  @TempDir private Path data;
  @TempDir private Path elsewhere;

  private final HttpClient client = HttpClient.newHttpClient();
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, upstream.uri(), Duration.ofHours(1));
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    upstream.close();
  }

  @Test
  void threads_arePlatformAndVirtualOnes_withWhatTheyWaitFor() {
    var gate = new CountDownLatch(1);
    CompletableFuture<?> pull = pullThatWaits(gate);
    await()
        .untilAsserted(() -> assertThat(text("/debug/threads")).contains("pullthrough.Arriving"));

    assertThat(text("/debug/threads"))
        .contains("metadata-writer", "virtual", "java.util.concurrent");
    assertThat(list(data.resolve("debug/threads"))).isEmpty();
    gate.countDown();
    pull.join();
  }

  @Test
  void loops_requestThatWaits_isNamedWithItsClientAndAge_untilItIsAnswered() {
    var gate = new CountDownLatch(1);
    CompletableFuture<?> pull = pullThatWaits(gate);

    await()
        .untilAsserted(() ->
            assertThat(text("/debug/loops"))
                .contains("event loops are late by", "requests under way: 1")
                .containsPattern(
                    "[0-9.]+  [0-9a-f]{16}  127.0.0.1:[0-9]+ +GET /v2/docker.io/library/app/"));

    gate.countDown();
    pull.join();
    await().until(() -> text("/debug/loops").contains("requests under way: 0"));
  }

  @Test
  void memory_namesEveryPartBesideItsPlan() {
    assertThat(text("/debug/memory"))
        .containsPattern("heap +[0-9.]+ MiB")
        .containsPattern("metadata +[0-9.]+ [KMi]*B +16.0 MiB   cache ")
        .containsPattern("pinned +0 B +32.0 MiB")
        .containsPattern("network +\\S+ ")
        .containsPattern("program +[0-9.]+ MiB")
        .containsPattern("process +[0-9.]+ [MG]iB +8.0 GiB");
  }

  @Test
  void storeAndConfig_areThoseOfTheServer() {
    assertThat(text("/debug/store")).contains("lazy-views", "DB Stats");
    assertThat(text("/debug/config"))
        .contains("directory: \"" + data + '"', "endpoint\":\"" + upstream.uri());
  }

  @Test
  void jfr_isARecordingWithoutSecrets_andLeavesNoFile() throws IOException {
    HttpResponse<byte[]> answer = get("/debug/jfr?seconds=1");

    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    Path file = Files.write(elsewhere.resolve("it.jfr"), answer.body());
    assertThat(RecordingFile.readAllEvents(file))
        .extracting(RecordedEvent::getEventType)
        .extracting(type -> type.getName())
        .contains("jdk.CPULoad")
        .doesNotContain("jdk.InitialEnvironmentVariable", "jdk.InitialSystemProperty");
    await()
        .untilAsserted(() ->
            assertThat(list(data.resolve("debug/jfr"))).noneMatch(left -> left.endsWith(".jfr")));
  }

  @Test
  void jfr_oneAtATime_andNoneForAClientThatLeft() {
    CompletableFuture<HttpResponse<byte[]>> first =
        client.sendAsync(request("/debug/jfr?seconds=300").build(), BodyHandlers.ofByteArray());
    await().until(() -> text("/debug/threads").contains("FlightRecording.open"));

    HttpResponse<byte[]> second = get("/debug/jfr?seconds=1");
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(new String(second.body(), UTF_8)).contains("one at a time");

    first.cancel(true);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> get("/debug/jfr?seconds=1").statusCode() == 200);
  }

  @Test
  void jfr_badLength_refusedWithWhatIsAllowed() {
    for (String bad : new String[] {"0", "301", "-1", "1.5", "soon"}) {
      HttpResponse<byte[]> answer = get("/debug/jfr?seconds=" + bad);
      assertThat(answer.statusCode()).as(bad).isEqualTo(400);
      assertThat(new String(answer.body(), UTF_8)).contains("a whole number from 1 to 300");
    }
  }

  @Test
  void anyPage_askedForByAPageOfElsewhere_refused() {
    for (String path :
        new String[] {"/debug", "/debug/threads", "/%64ebug/threads", "/debug/jfr?seconds=1"}) {
      HttpResponse<byte[]> answer =
          send(request(path).header("Sec-Fetch-Site", "cross-site").build());
      assertThat(answer.statusCode()).as(path).isEqualTo(403);
    }
  }

  @Test
  void debugOff_nothingIsThere() throws IOException {
    Path file = elsewhere.resolve("lighter.yaml");
    Files.writeString(
        file,
        """
        http: {listen: "127.0.0.1:0"}
        management: {listen: "127.0.0.1:0", debug: false}
        storage: {directory: "%s"}
        """
            .formatted(elsewhere.resolve("data")));
    var options =
        new ConfigLoader.CommandLine(
            Optional.of(file), Optional.empty(), Optional.empty(), List.of(), true);
    try (var without = Application.start(ConfigLoader.load(options, Map.of()))) {
      for (String path : new String[] {"/debug", "/debug/threads", "/debug/config"}) {
        URI uri = URI.create("http://127.0.0.1:" + without.managementPort() + path);
        assertThat(send(HttpRequest.newBuilder(uri).build()).statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  /** A pull of a blob that upstream does not send before the gate is opened. */
  private CompletableFuture<?> pullThatWaits(CountDownLatch gate) {
    Digest digest = upstream.blob("library/app", new byte[100_000]);
    upstream.always(ScriptedUpstream.blobPath("library/app", digest), new Step.Hold(1000, gate));
    String path = "/v2/docker.io/library/app/blobs/" + digest;
    return CompletableFuture.supplyAsync(() -> server.get(path));
  }

  private String text(String path) {
    HttpResponse<byte[]> answer = get(path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
    return new String(answer.body(), UTF_8);
  }

  private HttpResponse<byte[]> get(String path) {
    return send(request(path).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.managementPort() + path));
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Names of all files below a directory. */
  private static List<String> list(Path directory) {
    try (Stream<Path> below = Files.walk(directory)) {
      return below.filter(Files::isRegularFile).map(Path::toString).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
