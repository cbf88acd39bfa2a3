package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.admin.AdminClient;
import io.lighter.server.admin.AdminException;
import io.lighter.server.content.View;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Lists of files that are laid out first, from the admin API to the layers that are published. */
class PrefetchListTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LANDMARK = ".prefetch.landmark";
  private static final String NO_LANDMARK = ".no.prefetch.landmark";
  private static final String PATH = "/v2/team/app/manifests/";

  @TempDir private Path data;
  private final TestImage image =
      TestImage.of("amd64", List.of(ordered("a", "b", "c"), ordered("d", "e")));
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start(data, 1);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void put_forATag_convertsAgainAndLaysOutItsFilesFirst() throws IOException {
    server.push("team/app", image, "1");
    Digest plain = awaitLazyOtherThan("1", image.manifest().digest());
    assertThat(names(plain, 0)).containsExactly(NO_LANDMARK, "a", "b", "c");

    JsonNode done = call("PUT", "team/app:1", "c\n/b\nnot/there\n");
    assertThat(done.get("items").asInt()).isEqualTo(3);
    assertThat(done.get("scheduled").asInt()).isEqualTo(1);
    Digest listed = awaitLazyOtherThan("1", plain);

    assertThat(names(listed, 0)).containsExactly("c", "b", LANDMARK, "a");
    assertThat(layer(listed, 1)).as("a layer without such files").isEqualTo(layer(plain, 1));
    assertThat(server.get(PATH + plain).statusCode()).as("the view before stays").isEqualTo(200);
    assertThat(names(plain, 0)).containsExactly(NO_LANDMARK, "a", "b", "c");
    assertThat(call("GET", "team/app:1", null).get("list").asString())
        .isEqualTo("c\n/b\nnot/there\n");

    assertThat(call("DELETE", "team/app:1", null).get("scheduled").asInt()).isEqualTo(1);
    assertThat(awaitLazyOtherThan("1", listed))
        .as("what is known is not made again")
        .isEqualTo(plain);
  }

  @Test
  void put_forARepository_isForTagsWithoutTheirOwnAndForWhatComes() throws IOException {
    call("PUT", "team/app", "{\"path\":\"b\"}\n");
    call("PUT", "team/app:own", "c");
    server.push("team/app", image, "1");
    assertThat(names(awaitLazyOtherThan("1", image.manifest().digest()), 0))
        .startsWith("b", LANDMARK);

    TestImage other = TestImage.of("amd64", List.of(ordered("a", "b", "c", "own")));
    server.push("team/app", other, "own");
    assertThat(names(awaitLazyOtherThan("own", other.manifest().digest()), 0))
        .startsWith("c", LANDMARK);
  }

  @Test
  void list_isKeptOverARestart() throws IOException {
    call("PUT", "team/app:1", "c");
    server.close();
    server = TestServer.start(data, 1);
    server.push("team/app", image, "1");

    assertThat(names(awaitLazyOtherThan("1", image.manifest().digest()), 0))
        .startsWith("c", LANDMARK);
  }

  @Test
  void annotationOfTheManifest_countsUnlessAListWasSet() throws IOException {
    byte[] content =
        new String(image.manifest().content(), UTF_8)
            .replaceFirst("\\{", "{\"annotations\":{\"io.lighter.prefetch\":\"b,a\"},")
            .getBytes(UTF_8);
    var annotated = new TestImage(Manifest.of(Optional.empty(), content), image.blobs());
    server.push("team/app", annotated, "1");
    Digest first = awaitLazyOtherThan("1", annotated.manifest().digest());
    assertThat(names(first, 0)).containsExactly("b", "a", LANDMARK, "c");

    call("PUT", "team/app:1", "c");
    assertThat(names(awaitLazyOtherThan("1", first), 0)).startsWith("c", LANDMARK);
  }

  @Test
  void call_whatMakesNoSense_isRefusedAndNothingIsSet() {
    assertThatThrownBy(() -> call("PUT", "team/app:1", "ok\n../etc\n"))
        .isInstanceOf(AdminException.Refused.class)
        .hasMessageContaining("the list, line 2");
    assertThatThrownBy(() -> call("PUT", "team/app:1", "# nothing\n"))
        .hasMessageContaining("names nothing");
    assertThatThrownBy(() -> call("PUT", "team/app@" + image.manifest().digest(), "a"))
        .hasMessageContaining("not for a digest");
    assertThatThrownBy(() -> call("PUT", "team/app:1", "a".repeat((4 << 20) + 1)))
        .hasMessageContaining("at most 4194304 bytes");
    assertThatThrownBy(() -> call("GET", "team/app:1", null))
        .hasMessage("no prefetch list was set for team/app:1");
    assertThatThrownBy(() -> call("DELETE", "team/app", null))
        .hasMessage("no prefetch list was set for team/app");
  }

  private JsonNode call(String method, String name, @Nullable String body) {
    var lines = new ArrayList<JsonNode>();
    try (var admin = new AdminClient("127.0.0.1:" + server.managementPort())) {
      admin.call(
          method,
          "prefetch-list",
          Map.of("image", name),
          body == null ? null : body.getBytes(UTF_8),
          lines::add);
    }
    return lines.getFirst();
  }

  private Digest awaitLazyOtherThan(String tag, Digest before) {
    await().atMost(PATIENCE).until(() -> !server.resolve(PATH + tag, View.LAZY).equals(before));
    return server.resolve(PATH + tag, View.LAZY);
  }

  private Digest layer(Digest manifest, int layer) {
    return Manifest.of(Optional.empty(), server.get(PATH + manifest).body())
        .view()
        .layers()
        .get(layer)
        .digest();
  }

  /** Names of the entries of a layer without the TOC. */
  private List<String> names(Digest manifest, int layer) throws IOException {
    byte[] blob = server.get("/v2/team/app/blobs/" + layer(manifest, layer)).body();
    var names = new ArrayList<String>();
    try (var tar = new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(blob)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    names.remove("stargz.index.json");
    return names;
  }

  private static Map<String, byte[]> ordered(String... names) {
    var files = new LinkedHashMap<String, byte[]>();
    for (String name : names) {
      files.put(name, name.getBytes(UTF_8));
    }
    return files;
  }
}
