package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.config.PullConfig;
import io.lighter.server.config.ServerConfig;
import io.lighter.server.upstream.ScriptedUpstream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are pulled ahead, confirmed again and dropped, as an operator has it done. */
class PrefetchTest {
  private static final String REPOSITORY = "library/app";
  private static final String IMAGE = "docker.io/library/app:1";

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final TestImage amd = image("amd64", "amd");
  private final TestImage arm = image("arm64", "arm");
  private TestServer server;

  @BeforeEach
  void start() {
    var platforms = new LinkedHashMap<String, TestImage>();
    platforms.put("amd64", amd);
    platforms.put("arm64", arm);
    platforms
        .values()
        .forEach(image -> {
          image.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
          upstream.manifest(REPOSITORY, "none", text(image.manifest()));
        });
    upstream.manifest(REPOSITORY, "1", text(TestImage.index(platforms)));
    server = TestServer.start(data, upstream.uri(), Duration.ofHours(1));
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private static TestImage image(String architecture, String content) {
    return TestImage.of(architecture, List.of(Map.of("bin/app", content.getBytes(UTF_8))));
  }

  private static String text(Manifest manifest) {
    return new String(manifest.content(), UTF_8);
  }

  @Test
  void pull_onePlatform_isHereWithoutUpstreamAndTheOtherIsNot() {
    String said = run(0, "pull", IMAGE, "--platform", "linux/arm64");

    assertThat(said)
        .contains("2/2 ")
        .containsPattern("docker.io/library/app:1 is here: sha256:[0-9a-f]{64}, 2 blobs, ")
        .contains("fetched 2 of them");
    upstream.close();
    arm.blobs().keySet().forEach(blob -> assertThat(isHere(blob)).isTrue());
    amd.blobs().keySet().forEach(blob -> assertThat(isHere(blob)).isFalse());
    assertThat(server.get("/v2/docker.io/library/app/manifests/1").statusCode()).isEqualTo(200);
    arm.blobs()
        .forEach((blob, content) ->
            assertThat(server.get("/v2/docker.io/library/app/blobs/" + blob).body())
                .isEqualTo(content));
  }

  @Test
  void pull_again_fetchesNothing() {
    run(0, "pull", IMAGE, "--platform", "linux/amd64", "--platform", "linux/arm64");

    assertThat(run(0, "warm", IMAGE, "--platform", "linux/amd64"))
        .contains("was here", "2 blobs", "fetched 0 of them, 0 B");
  }

  @Test
  void pull_waitingForConversion_endsWithTheLazyView() {
    String said =
        run(0, "pull", "--wait-converted", "--timeout", "60s", "--platform", "linux/amd64", IMAGE);

    assertThat(said).containsPattern(IMAGE + " is lazy as sha256:[0-9a-f]{64}");
    assertThat(
            server
                .get("/v2/docker.io/library/app/manifests/1")
                .headers()
                .firstValue("Lighter-View"))
        .contains("lazy");
  }

  @Test
  void pull_severalImages_namesThoseThatFailedAndGoesOn() {
    String said = run(1, "pull", "docker.io/library/app:2", IMAGE, "--platform", "linux/amd64");

    assertThat(said)
        .contains("upstream has no docker.io/library/app:2", IMAGE + " is here: ")
        .contains("2 images, not done: docker.io/library/app:2");
    assertThat(run(0, "pull", "--report-only", "docker.io/library/app:2")).contains("upstream has");
  }

  @Test
  void pull_waitingForAServerThatDoesNotCome_endsInTime() {
    String said =
        execute(
            1,
            List.of("pull", "--management=127.0.0.1:1", "--wait-converted", "--timeout=1s", IMAGE));

    assertThat(said).contains("no server answers at 127.0.0.1:1");
  }

  @Test
  void pull_whatCannotBe_saysWhatIsWrong() {
    assertThat(run(1, "pull", IMAGE, "--platform", "linux/s390x"))
        .contains(IMAGE + " is not there for linux/s390x; it is for linux/amd64, linux/arm64");
    assertThat(run(1, "pull", "docker.io/library/app:2")).contains("upstream has no ");
    assertThat(run(1, "pull", "quay.io/app:2")).contains("quay.io");
    assertThat(run(1, "pull", IMAGE, "--platform", "arm")).contains("platforms: \"arm\"");
    assertThat(run(1, "pull", "docker.io/library/APP")).contains("APP");
    assertThat(server.admin("/admin/pull").statusCode()).isEqualTo(400);
    server.push("team/app", amd, "v1");
    assertThat(run(1, "pull", "team/app:v1")).contains("team/app:v1 is of no upstream");
  }

  @Test
  void pull_layerCannotBeHad_saysWhy() {
    Digest layer = new ArrayList<>(amd.blobs().keySet()).getLast();
    upstream.always(
        ScriptedUpstream.blobPath(REPOSITORY, layer),
        new ScriptedUpstream.Step.Status(403, Map.of()));

    assertThat(run(1, "pull", IMAGE, "--platform", "linux/amd64"))
        .contains(IMAGE + " was not pulled: ", "docker.io");
  }

  @Test
  void scheduled_imageIsPulledAndFollowsItsTag() {
    server.close();
    TestImage next = image("amd64", "next");
    next.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    server =
        TestServer.start(
            data,
            upstream.uri(),
            List.of(
                new PullConfig(
                    IMAGE,
                    Optional.of(List.of("linux/amd64")),
                    Optional.of(Duration.ofSeconds(1)))));

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> amd.blobs().keySet().stream().allMatch(this::isHere));
    upstream.manifest(REPOSITORY, "1", text(next.manifest()));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> next.blobs().keySet().stream().allMatch(this::isHere));
  }

  @Test
  void invalidate_tagWithinItsTime_isConfirmedAtTheNextRequest() {
    String path = "/v2/docker.io/library/app/manifests/1";
    server.get(path);
    upstream.manifest(REPOSITORY, "1", text(amd.manifest()));
    assertThat(server.get(path).body()).isNotEqualTo(amd.manifest().content());

    assertThat(run(0, "invalidate", IMAGE))
        .contains(IMAGE + " is confirmed with upstream at the next request for it");

    assertThat(server.get(path).body()).isEqualTo(amd.manifest().content());
  }

  @Test
  void invalidate_drop_forgetsTheImageUntilItIsAskedForAgain() {
    run(0, "pull", IMAGE, "--platform", "linux/amd64");
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> run(0, "invalidate", IMAGE, "--drop"));

    Digest config = amd.blobs().keySet().iterator().next();
    amd.blobs().keySet().forEach(blob -> assertThat(isHere(blob)).isFalse());
    assertThat(server.management("/metrics"))
        .contains("lighter_evicted_images_total{reason=\"dropped\"} 1.0");
    assertThat(run(1, "invalidate", IMAGE, "--drop")).contains("nothing of " + IMAGE);
    server.get("/v2/docker.io/library/app/manifests/1");
    assertThat(server.get("/v2/docker.io/library/app/blobs/" + config).statusCode()).isEqualTo(200);
  }

  @Test
  void pull_afterADropWithTheLazyView_isConvertedAgain() {
    server.close();
    server =
        new TestSetup(data)
            .upstreams(List.of(TestServer.dockerHub(upstream.uri(), Duration.ofHours(1))))
            .workers(1)
            // How coarse leases are is a part of the grace.
            .gc(
                new ServerConfig.Gc(
                    Duration.ZERO, Duration.ofSeconds(1), Duration.ofHours(1), 1000))
            .convertedLease(Duration.ZERO)
            .start();
    var converted =
        new String[] {
          "pull", "--wait-converted", "--timeout", "60s", "--platform", "linux/amd64", IMAGE
        };
    run(0, converted);
    await()
        // The leases of the lazy view end before the first drop: one that leaves it there takes the
        // image away, and there is nothing left to be dropped.
        .pollDelay(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(run(0, "invalidate", IMAGE, "--drop"))
                .contains("dropped " + IMAGE)
                .doesNotContain("stays"));

    assertThat(run(0, converted)).contains(IMAGE + " is lazy as ");
  }

  @Test
  void invalidate_whatCannotBe_saysWhatIsWrong() {
    assertThat(run(1, "invalidate", IMAGE)).contains("nothing of " + IMAGE + " is cached");
    assertThat(run(1, "invalidate", "docker.io/library/app@" + amd.manifest().digest()))
        .contains("never changes");
    server.push("team/app", amd, "v1");
    assertThat(run(1, "invalidate", "team/app:v1", "--drop")).contains("is of no upstream");
    assertThat(run(1, "invalidate", "quay.io/app")).contains("quay.io");
  }

  private boolean isHere(Digest blob) {
    return data.resolve("blobs/sha256")
        .resolve(blob.hex().substring(0, 2))
        .resolve(blob.hex())
        .toFile()
        .exists();
  }

  /** What a command says, wherever it says it. */
  private String run(int expected, String... command) {
    var arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--management", "127.0.0.1:" + server.managementPort()));
    return execute(expected, arguments);
  }

  private static String execute(int expected, List<String> arguments) {
    var out = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(arguments.toArray(String[]::new));
    assertThat(status).as(out.toString()).isEqualTo(expected);
    return out.toString();
  }
}
