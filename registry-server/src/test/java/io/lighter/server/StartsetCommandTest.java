package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter startset}, as somebody types it. */
class StartsetCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final TestImage IMAGE =
      TestImage.executing(
          "/opt/app",
          List.of(
              Map.of("etc/app.conf", "page /srv/page\n".getBytes(UTF_8), "srv/page", new byte[9]),
              Map.of("opt/app", new byte[7000], "opt/other", new byte[10])));

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    var all = new ArrayList<>(List.of("startset"));
    all.addAll(List.of(arguments));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private String layout() throws IOException {
    TestLayout.write(directory.resolve("image"), IMAGE.manifest(), List.of(IMAGE));
    return "oci:" + directory.resolve("image");
  }

  @Test
  void json_tellsFilesInOrderWithLayersAndReasons() throws IOException {
    assertThat(run(layout(), "--json")).as(err.toString()).isZero();
    JsonNode report = JSON.readTree(out.toString());

    assertThat(report.get("command").get(0).asString()).isEqualTo("/opt/app");
    assertThat(report.get("files").findValuesAsString("path"))
        .containsExactly("/opt/app", "/etc/app.conf", "/srv/page");
    JsonNode program = report.get("files").get(0);
    assertThat(program.get("layer").asInt()).isEqualTo(1);
    assertThat(program.get("size").asLong()).isEqualTo(7000);
    assertThat(program.get("certainty").asString()).isEqualTo("certain");
    assertThat(program.get("reason").asString()).isEqualTo("the image's command");
    assertThat(report.get("layers").get(0).get("startFiles").asInt()).isEqualTo(2);
    assertThat(report.get("layers").get(1).get("startBytes").asLong()).isEqualTo(7000);
    assertThat(report.get("entries").asInt()).isEqualTo(6); // Two of them are landmarks.
  }

  @Test
  void table_isForPeople() throws IOException {
    assertThat(run(layout())).isZero();

    assertThat(out.toString())
        .contains("    1         7000  /opt/app")
        .contains("/etc/app.conf names it (likely)")
        .contains("layer 0, " + IMAGE.manifest().view().layers().getFirst().digest() + ": 2 files")
        .contains("3 files of 6 entries");
  }

  @Test
  void record_isWhatConvertTakes() throws IOException {
    String image = layout();
    assertThat(run(image, "--record")).isZero();
    assertThat(out.toString().lines()).first().isEqualTo("{\"path\":\"opt/app\",\"layerIndex\":1}");

    Path record = Files.writeString(directory.resolve("record"), out.toString());
    int converted =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(
                "convert", "--record-in", record.toString(), image, "oci:" + directory + "/lazy:1");
    assertThat(converted).as(err.toString()).isZero();
    assertThat(err.toString()).doesNotContain("match nothing");
  }

  @Test
  void command_another_isFollowedInstead() throws IOException {
    assertThat(run(layout(), "--record", "--command", "/opt/other", "/srv/page")).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "{\"path\":\"opt/other\",\"layerIndex\":1}",
            "{\"path\":\"srv/page\",\"layerIndex\":0}");
  }

  @Test
  void command_thatIsNotThere_isSaid() throws IOException {
    assertThat(run(layout(), "--command", "nginx")).isZero();
    assertThat(out.toString()).contains("not resolved: nginx: there is no such program");
  }

  @Test
  void image_thatIsNotThere_isRefused() {
    assertThat(run("oci:" + directory.resolve("none"))).isEqualTo(1);
    assertThat(err.toString()).contains("is not an OCI layout");
    assertThat(run("oci:" + directory, "--platform", "x")).isEqualTo(1);
    assertThat(err.toString()).contains("--platform: \"x\" is not allowed");
  }
}
