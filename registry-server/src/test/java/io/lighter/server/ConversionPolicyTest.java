package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.content.View;
import io.lighter.server.content.ViewPolicy;
import io.lighter.server.upstream.ScriptedUpstream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is converted, and what tags answer, by the rules of the configuration. */
class ConversionPolicyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REPOSITORY = "library/app";
  private static final String PATH = "/v2/docker.io/library/app/manifests/";

  @TempDir private Path data;
  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final TestImage amd = TestImage.random(1);
  private final TestImage arm = TestImage.of("arm64", List.of(Map.of("arm", new byte[] {1})));

  @AfterEach
  void close() {
    upstream.close();
  }

  @Test
  void rule_takesEffectAtAStart_alsoForViewsThatAreThere() {
    publish(amd.manifest(), "1");
    try (var server = start(List.of(), "pulled")) {
      server.get(PATH + "1");
      awaitLazy(server, "1");
    }
    try (var server = start(List.of(view("docker.io/library/*", ViewPolicy.OFF)), "pulled")) {
      assertThat(server.get(PATH + "1").body()).isEqualTo(amd.manifest().content());
      assertThat(server.get(PATH + "1", View.HEADER, "lazy").body())
          .isEqualTo(amd.manifest().content());
      assertThat(server.head(PATH + "1-esgz").statusCode()).isEqualTo(404);
    }
    try (var server = start(List.of(view("docker.io/library/*", ViewPolicy.NEGOTIATE)), "pulled")) {
      assertThat(server.get(PATH + "1").body()).isEqualTo(amd.manifest().content());
      assertThat(server.resolve(PATH + "1", View.LAZY)).isNotEqualTo(amd.manifest().digest());
    }
    try (var server = start(List.of(view("docker.io/other/*", ViewPolicy.OFF)), "pulled")) {
      assertThat(server.get(PATH + "1").headers().firstValue(View.HEADER)).contains("lazy");
    }
  }

  @Test
  void rule_off_convertsNothingThatIsPulledOrWaits() {
    publish(amd.manifest(), "1");
    try (var server =
        TestServer.start(data, upstream.uri(), TestServer.conversion(0, List.of(), "pulled"))) {
      server.get(PATH + "1");
      assertThat(server.metric("lighter_conversion_backlog")).isEqualTo(1);
    }
    try (var server = start(List.of(view("docker.io/**", ViewPolicy.OFF)), "pulled")) {
      await()
          .atMost(PATIENCE)
          .until(() -> server.management("/metrics").contains("outcome=\"unchanged\"} 1.0"));
      server.get(PATH + "1");
      assertThat(server.metric("lighter_conversion_backlog")).isZero();
      assertThat(server.management("/metrics")).doesNotContain("lighter_conversion_layers_seconds");
    }
  }

  @Test
  void rule_maxLayer_keepsWhatIsLongerAndAllAbove() {
    publish(amd.manifest(), "1");
    var rule =
        new ConversionConfig.Rule(
            List.of("**/app"),
            Optional.empty(),
            Optional.of(new DataSize(1 << 20)),
            Optional.empty(),
            Optional.empty());
    try (var server = start(List.of(rule), "pulled")) {
      server.get(PATH + "1");
      await()
          .atMost(PATIENCE)
          .until(() -> server.management("/metrics").contains("outcome=\"unchanged\"} 1.0"));
      assertThat(server.get(PATH + "1").body()).isEqualTo(amd.manifest().content());
    }
    try (var server = start(List.of(), "pulled")) {
      server.get(PATH + "1");
      assertThat(awaitLazy(server, "1").view().layers())
          .as("nothing of the limit was recorded")
          .extracting(Descriptor::digest)
          .doesNotContainAnyElementsOf(amd.layers().stream().map(Descriptor::digest).toList());
    }
  }

  @Test
  void platforms_list_areFetchedAndConvertedAndOthersStay() {
    Manifest index = index();
    try (var server = start(List.of(), "linux/arm64")) {
      server.get(PATH + "multi");
      server.get(PATH + amd.manifest().digest());

      List<Digest> children = children(awaitLazy(server, "multi"));
      assertThat(children).contains(amd.manifest().digest()).hasSize(2);
      assertThat(children).doesNotContain(arm.manifest().digest());
      assertThat(
              upstream.count(
                  "GET", ScriptedUpstream.blobPath(REPOSITORY, arm.layers().getFirst().digest())))
          .isEqualTo(1);

      server.get(PATH + amd.manifest().digest());
      assertThat(server.metric("lighter_conversion_backlog"))
          .as("it is not offered again for a platform that is not listed")
          .isZero();
      assertThat(server.resolve(PATH + "multi", View.ORIGINAL)).isEqualTo(index.digest());
    }
  }

  @Test
  void platforms_twoListed_areBothConvertedAfterOnePull() {
    index();
    try (var server = start(List.of(), "linux/arm64", "linux/amd64")) {
      server.get(PATH + "multi");
      server.get(PATH + amd.manifest().digest());

      assertThat(children(awaitLazy(server, "multi")))
          .hasSize(2)
          .doesNotContain(amd.manifest().digest(), arm.manifest().digest());
    }
  }

  private Manifest index() {
    Manifest index = TestImage.index(new LinkedHashMap<>(Map.of("amd64", amd, "arm64", arm)));
    publish(arm.manifest(), "none");
    arm.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    publish(amd.manifest(), "nothing");
    publish(index, "multi");
    return index;
  }

  private void publish(Manifest manifest, String tag) {
    amd.blobs().values().forEach(content -> upstream.blob(REPOSITORY, content));
    upstream.manifest(REPOSITORY, tag, new String(manifest.content(), UTF_8));
  }

  private TestServer start(List<ConversionConfig.Rule> rules, String... platforms) {
    return TestServer.start(data, upstream.uri(), TestServer.conversion(1, rules, platforms));
  }

  private static ConversionConfig.Rule view(String pattern, ViewPolicy view) {
    return new ConversionConfig.Rule(
        List.of(pattern), Optional.of(view), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static List<Digest> children(Manifest index) {
    return index.view().manifests().stream().map(Descriptor::digest).toList();
  }

  private static Manifest awaitLazy(TestServer server, String tag) {
    await()
        .atMost(PATIENCE)
        .until(() ->
            server.head(PATH + tag).headers().firstValue(View.HEADER).equals(Optional.of("lazy")));
    return Manifest.of(Optional.empty(), server.get(PATH + tag).body());
  }
}
