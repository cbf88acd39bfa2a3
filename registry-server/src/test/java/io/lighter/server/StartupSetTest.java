package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.server.admin.AdminClient;
import io.lighter.server.admin.AdminException;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the start of an image reads comes first in its lazy view. */
class StartupSetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LANDMARK = ".prefetch.landmark";
  private static final String NO_LANDMARK = ".no.prefetch.landmark";

  private static final List<Map<String, byte[]>> LAYERS =
      List.of(
          files("etc/a", "x", "etc/app.conf", "page /srv/page", "srv/page", "hello"),
          files("usr/share/doc", "nothing"),
          files("opt/aaa", "x", "opt/app", "the program"));

  private static final TestImage IMAGE = TestImage.executing("/opt/app", LAYERS);
  private static final TestImage OTHER = TestImage.executing("/opt/aaa", LAYERS);

  @TempDir private Path data;

  @Test
  void convert_imageWithACommand_laysOutItsStartAndSharesTheRest() throws IOException {
    try (var server = TestServer.start(data, 1)) {
      List<Descriptor> layers = lazyLayers(server, "app", IMAGE);

      assertThat(names(server, "app", layers.get(0)))
          .containsExactly("etc/app.conf", "srv/page", LANDMARK, "etc/a");
      assertThat(names(server, "app", layers.get(1))).containsExactly(NO_LANDMARK, "usr/share/doc");
      assertThat(names(server, "app", layers.get(2)))
          .containsExactly("opt/app", LANDMARK, "opt/aaa");

      List<Descriptor> others = lazyLayers(server, "app/other", OTHER);
      assertThat(others.get(1)).as("a layer without start-up files").isEqualTo(layers.get(1));
      assertThat(names(server, "app/other", others.get(2)))
          .containsExactly("opt/aaa", LANDMARK, "opt/app");
      assertThat(server.management("/metrics"))
          .contains("lighter_startset_cpu_seconds_count 2")
          .contains("lighter_startset_files_total 4.0");
    }
  }

  @Test
  void convert_withAList_putsTheListInFront() throws IOException {
    try (var server = TestServer.start(data, 1)) {
      call(server, "PUT", "prefetch-list", "app:1", "etc/a\nopt/app");
      List<Descriptor> layers = lazyLayers(server, "app", IMAGE);

      assertThat(names(server, "app", layers.get(0)))
          .containsExactly("etc/a", "etc/app.conf", "srv/page", LANDMARK);
      assertThat(names(server, "app", layers.get(2)))
          .containsExactly("opt/app", LANDMARK, "opt/aaa");
    }
  }

  @Test
  void convert_ruleThatSwitchesItOff_sharesAllLayers() throws IOException {
    var off =
        new ConversionConfig.Rule(
            List.of("app"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new DataSize(0)),
            Optional.empty());
    try (var server = TestServer.start(data, TestServer.conversion(1, List.of(off), "pulled"))) {
      for (Descriptor layer : lazyLayers(server, "app", IMAGE)) {
        assertThat(names(server, "app", layer)).contains(NO_LANDMARK).doesNotContain(LANDMARK);
      }
    }
  }

  @Test
  void startset_convertedImage_isToldByTheAdminApi() {
    try (var server = TestServer.start(data, 1)) {
      assertThatThrownBy(() -> call(server, "GET", "startset", "app:1", null))
          .isInstanceOf(AdminException.Refused.class)
          .hasMessage("app:1 is not stored");
      lazyLayers(server, "app", IMAGE);
      JsonNode report = call(server, "GET", "startset", "app:1", null);

      assertThat(report.get("files").findValuesAsString("path"))
          .containsExactly("/opt/app", "/etc/app.conf", "/srv/page");
      assertThat(report.get("layers").get(2).get("startBytes").asLong()).isEqualTo(11);
      assertThat(report.get("layersNotRead").size()).isZero();
    }
  }

  private static List<Descriptor> lazyLayers(TestServer server, String name, TestImage image) {
    server.push(name, image, "1");
    String path = "/v2/" + name + "/manifests/1";
    Digest original = image.manifest().digest();
    await().atMost(PATIENCE).until(() -> !server.resolve(path, View.LAZY).equals(original));
    Digest lazy = server.resolve(path, View.LAZY);
    byte[] manifest = server.get("/v2/" + name + "/manifests/" + lazy).body();
    return Manifest.of(Optional.empty(), manifest).view().layers();
  }

  private static JsonNode call(
      TestServer server, String method, String operation, String image, @Nullable String body) {
    var lines = new ArrayList<JsonNode>();
    try (var admin = new AdminClient("127.0.0.1:" + server.managementPort())) {
      byte @Nullable [] bytes = body == null ? null : body.getBytes(UTF_8);
      admin.call(method, operation, Map.of("image", image), bytes, lines::add);
    }
    return lines.getFirst();
  }

  /** Names of the entries of a layer without the TOC. */
  private static List<String> names(TestServer server, String name, Descriptor layer)
      throws IOException {
    byte[] blob = server.get("/v2/" + name + "/blobs/" + layer.digest()).body();
    var names = new ArrayList<String>();
    try (var tar = new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(blob)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    names.remove("stargz.index.json");
    return names;
  }

  private static Map<String, byte[]> files(String... namesAndContents) {
    var files = new LinkedHashMap<String, byte[]>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      files.put(namesAndContents[i], namesAndContents[i + 1].getBytes(UTF_8));
    }
    return files;
  }
}
