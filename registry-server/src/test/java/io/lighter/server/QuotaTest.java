package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import io.lighter.server.config.AccessConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.config.LimitsConfig;
import io.lighter.server.config.LimitsConfig.Share;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What may be pushed to a namespace, as pushers see it. */
@Timeout(60)
class QuotaTest {
  private static final int BLOB = 100_000;
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");

  @TempDir private Path data;

  @Test
  void push_beyondTheQuota_deniedWithUsedAndAllowed() {
    try (var server = start(Map.of("team", 250_000L))) {
      assertThat(push(server, "team/app", 1).statusCode()).isEqualTo(201);
      assertThat(push(server, "team/other/app", 2).statusCode()).isEqualTo(201);

      HttpResponse<byte[]> refused = push(server, "team/app", 3);

      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(new String(refused.body(), UTF_8))
          .contains(
              "DENIED", "\\\"team\\\" is 250000 bytes, of which 200000 are used", "100000 more");
      assertThat(push(server, "free/app", 3).statusCode()).isEqualTo(201);
      assertThat(server.management("/metrics"))
          .contains("lighter_refused_total{reason=\"quota\"} 1");
    }
  }

  @Test
  void push_whatTheNamespaceHas_takesNothingMore() {
    try (var server = start(Map.of("team", 150_000L))) {
      assertThat(push(server, "team/a", 1).statusCode()).isEqualTo(201);
      assertThat(push(server, "team/b", 1).statusCode()).isEqualTo(201);
      assertThat(mount(server, "team/c", 1, "team/a").statusCode()).isEqualTo(201);
    }
  }

  @Test
  void mount_fromAnotherNamespace_counts() {
    try (var server = start(Map.of("team", 150_000L))) {
      push(server, "free/app", 1);
      push(server, "free/app", 2);

      assertThat(mount(server, "team/a", 1, "free/app").statusCode()).isEqualTo(201);
      assertThat(mount(server, "team/a", 2, "free/app").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void chunkedUpload_lengthIsNotSaid_deniedAtItsEndAndGone() {
    try (var server = start(Map.of("team", 50_000L))) {
      String begun = location(server.post("/v2/team/app/blobs/uploads/", new byte[0]));
      String sent = location(server.patch(begun, blob(1)));

      HttpResponse<byte[]> refused =
          server.put(sent + "&digest=" + Digest.ofSha256(blob(1)), new byte[0]);

      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(server.get(sent).statusCode()).isEqualTo(404);
      assertThat(server.metric("lighter_uploads")).isZero();
    }
  }

  @Test
  void push_manyAtOnce_neverExceedTheQuotaTogether() {
    try (var server = start(Map.of("team", 5L * BLOB))) {
      List<Integer> statuses =
          IntStream.range(0, 20)
              .parallel()
              .mapToObj(i -> push(server, "team/app" + i, i).statusCode())
              .toList();

      assertThat(statuses).containsOnly(201, 403);
      assertThat(statuses).filteredOn(status -> status == 201).hasSizeLessThanOrEqualTo(5);
      // What was refused because others had reserved their room fits afterwards.
      int more = 0;
      for (int i = 20; i < 30; i++) {
        more += push(server, "team/app", i).statusCode() == 201 ? 1 : 0;
      }
      assertThat(statuses.stream().filter(status -> status == 201).count() + more).isEqualTo(5);
    }
  }

  @Test
  void restart_withASmallerQuota_refusesManifestsAndFreesWhatIsDeleted() {
    TestImage image = TestImage.random(1);
    try (var server = start(Map.of())) {
      server.push("team/app", image, "1");
      push(server, "team/app", 9);
    }
    try (var server = start(Map.of("team", 1000L))) {
      HttpResponse<byte[]> refused =
          server.put(
              "/v2/team/app/manifests/2",
              image.manifest().content(),
              "Content-Type",
              image.manifest().mediaType());
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(server.get("/v2/team/app/manifests/1").statusCode()).isEqualTo(200);
    }
    long used = image.blobs().values().stream().mapToLong(content -> content.length).sum();
    try (var server = start(Map.of("team", used + BLOB))) {
      assertThat(push(server, "team/app", 10).statusCode()).isEqualTo(403);
      server.delete("/v2/team/app/blobs/" + Digest.ofSha256(blob(9)));
      assertThat(push(server, "team/app", 10).statusCode()).isEqualTo(201);
    }
  }

  private TestServer start(Map<String, Long> quotas) {
    var sizes = new HashMap<String, DataSize>();
    quotas.forEach((name, bytes) -> sizes.put(name, new DataSize(bytes)));
    var any = new Share(0, new DataSize(0), 0);
    return TestServer.start(
        data,
        TestServer.generous(),
        NOBODY,
        AccessConfig.DEFAULT,
        new LimitsConfig(100, 100, Duration.ZERO, any, any, new DataSize(0), sizes));
  }

  private static HttpResponse<byte[]> push(TestServer server, String repository, int number) {
    byte[] content = blob(number);
    return server.post(
        "/v2/%s/blobs/uploads/?digest=%s".formatted(repository, Digest.ofSha256(content)), content);
  }

  private static HttpResponse<byte[]> mount(
      TestServer server, String repository, int number, String from) {
    return server.post(
        "/v2/%s/blobs/uploads/?mount=%s&from=%s"
            .formatted(repository, Digest.ofSha256(blob(number)), from),
        new byte[0]);
  }

  private static String location(HttpResponse<byte[]> answer) {
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private static byte[] blob(int number) {
    byte[] bytes = new byte[BLOB];
    new Random(number).nextBytes(bytes);
    return bytes;
  }
}
