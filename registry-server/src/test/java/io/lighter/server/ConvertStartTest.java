package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.server.config.ConversionConfig;
import io.lighter.server.config.DataSize;
import io.lighter.server.content.View;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the start of an image reads is laid out first by {@code lighter convert}, too. */
class ConvertStartTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String LANDMARK = ".prefetch.landmark";
  private static final String NO_LANDMARK = ".no.prefetch.landmark";

  private static final List<byte[]> TARS =
      List.of(
          TestImage.tar(files("etc/a", "x", "etc/app.conf", "page /srv/page", "srv/page", "hello")),
          TestImage.tar(files("usr/share/doc", "nothing")),
          TestImage.tar(files("opt/aaa", "x", "opt/app", "the program")));

  private static final TestImage IMAGE =
      TestImage.configured("{\"Entrypoint\":[\"/opt/app\"]}", TARS);

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void image_withACommand_isWhatTheServerMakesOfIt() throws IOException {
    try (var server = TestServer.start(directory.resolve("data"), 1)) {
      assertThat(digest(convert(IMAGE))).isEqualTo(lazy(server, IMAGE).toString());
    }
  }

  @Test
  void image_withoutStartupSet_isWhatTheServerMakesOfItWithout() throws IOException {
    var off =
        new ConversionConfig.Rule(
            List.of("app"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(new DataSize(0)),
            Optional.empty());
    Path data = directory.resolve("data");
    try (var server = TestServer.start(data, TestServer.conversion(1, List.of(off), "pulled"))) {
      JsonNode result = convert(IMAGE, "--startup-set", "0");

      assertThat(digest(result)).isEqualTo(lazy(server, IMAGE).toString());
      assertThat(result.has("startupSets")).isFalse();
      for (Descriptor layer : layers()) {
        assertThat(names(layer)).contains(NO_LANDMARK).doesNotContain(LANDMARK);
      }
    }
  }

  @Test
  void image_withAListInALabel_isWhatTheServerMakesOfIt() throws IOException {
    var labelled =
        TestImage.configured(
            "{\"Entrypoint\":[\"/opt/app\"],\"Labels\":{\"io.lighter.prefetch\":\"etc/a\"}}", TARS);
    try (var server = TestServer.start(directory.resolve("data"), 1)) {
      assertThat(digest(convert(labelled))).isEqualTo(lazy(server, labelled).toString());
      assertThat(names(layers().getFirst()))
          .containsExactly("etc/a", "etc/app.conf", "srv/page", LANDMARK);
    }
  }

  @Test
  void image_withACommand_isDescribed() throws IOException {
    JsonNode set = convert(IMAGE).get("startupSets").get(0);

    assertThat(set.get("image").asString()).isEqualTo(IMAGE.manifest().digest().toString());
    assertThat(set.get("command").get(0).asString()).isEqualTo("/opt/app");
    assertThat(set.get("files").asInt()).isEqualTo(3);
    assertThat(set.get("bytes").asLong()).isEqualTo(11 + 14 + 5);
    assertThat(set.get("layers").get(0).get("files").asInt()).isEqualTo(2);
    assertThat(set.get("layers").get(1).get("bytes").asLong()).isZero();
    assertThat(set.get("millis").asLong()).isNotNegative();
    assertThat(names(layers().get(0)))
        .containsExactly("etc/app.conf", "srv/page", LANDMARK, "etc/a");
    assertThat(names(layers().get(1))).containsExactly(NO_LANDMARK, "usr/share/doc");
    assertThat(names(layers().get(2))).containsExactly("opt/app", LANDMARK, "opt/aaa");
  }

  @Test
  void list_andStart_standInThisOrder() throws IOException {
    Path list = Files.writeString(directory.resolve("list"), "etc/a\nnone\n");
    JsonNode result = convert(IMAGE, "--prefetch-list", list.toString());

    assertThat(names(layers().get(0)))
        .containsExactly("etc/a", "etc/app.conf", "srv/page", LANDMARK);
    assertThat(names(layers().get(2))).containsExactly("opt/app", LANDMARK, "opt/aaa");
    assertThat(result.get("prefetchUnmatched")).hasSize(1);
  }

  @Test
  void startupSet_withoutRoomForAll_leavesOutWhatIsLeastSure() throws IOException {
    convert(IMAGE, "--startup-set", "12B");

    assertThat(names(layers().get(0))).contains(NO_LANDMARK);
    assertThat(names(layers().get(2))).containsExactly("opt/app", LANDMARK, "opt/aaa");
  }

  @Test
  void command_another_isFollowedInstead() throws IOException {
    JsonNode result = convert(IMAGE, "--command", "/opt/aaa", "/srv/page");

    assertThat(result.get("startupSets").get(0).get("command")).hasSize(2);
    assertThat(names(layers().get(0)))
        .containsExactly("srv/page", LANDMARK, "etc/a", "etc/app.conf");
    assertThat(names(layers().get(2))).containsExactly("opt/aaa", LANDMARK, "opt/app");
  }

  @Test
  void layer_thatCannotBeLazy_isCopiedAndTheRestLaidOut() throws IOException {
    var tars = new ArrayList<>(List.of(TARS.getLast(), TestImage.tarWithForeignHardLink()));
    var image = TestImage.configured("{\"Entrypoint\":[\"/opt/app\"]}", tars);
    JsonNode result = convert(image);

    assertThat(names(layers().getFirst())).containsExactly("opt/app", LANDMARK, "opt/aaa");
    assertThat(layers().getLast().digest())
        .isEqualTo(image.manifest().view().layers().getLast().digest());
    assertThat(result.get("layers").get(1).get("outcome").asString()).isEqualTo("kept");
  }

  @Test
  void lazyImage_thatIsConvertedAgain_staysUnlessAListIsGiven() throws IOException {
    String first = digest(convert(IMAGE));
    Path list = Files.writeString(directory.resolve("list"), "opt/aaa\n");

    assertThat(digest(convert("oci:" + target(), "oci:" + directory.resolve("again:1"))))
        .isEqualTo(first);
    JsonNode other =
        convert(
            "oci:" + target(),
            "oci:" + directory.resolve("other:1"),
            "--prefetch-list",
            list.toString());
    assertThat(digest(other)).isNotEqualTo(first);
    assertThat(other.get("layers").get(2).get("prefetched").get("entries").asInt()).isEqualTo(2);
    assertThat(other.get("layers").get(0).get("outcome").asString()).isEqualTo("already-lazy");
  }

  @Test
  void options_thatMakeNoSense_areExplained() {
    assertRefused("need an image; a layer alone", "--layer", "--startup-set", "1MiB", "in", "out");
    assertRefused("--startup-set: \"much\" is not allowed", "--startup-set", "much", "oci:a", "b");
    assertRefused(
        "--command and --startup-set 0 exclude",
        "--startup-set",
        "0",
        "oci:a",
        "oci:b",
        "--command",
        "x");
  }

  private void assertRefused(String message, String... arguments) {
    assertThat(run(arguments)).isEqualTo(1);
    assertThat(err.toString()).startsWith("lighter: ").contains(message).hasLineCount(1);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    var all = new ArrayList<>(List.of("convert"));
    all.addAll(List.of(arguments));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }

  private JsonNode convert(String... arguments) {
    assertThat(run(arguments)).as(err.toString()).isZero();
    return JSON.readTree(out.toString());
  }

  private JsonNode convert(TestImage image, String... options) throws IOException {
    Path layout = directory.resolve("source");
    TestLayout.write(layout, image.manifest(), List.of(image));
    var arguments = new ArrayList<>(List.of("oci:" + layout, "oci:" + target() + ":1"));
    arguments.addAll(List.of(options));
    return convert(arguments.toArray(String[]::new));
  }

  private static String digest(JsonNode result) {
    return result.get("digest").asString();
  }

  private Path target() {
    return directory.resolve("target");
  }

  /** What a server has for the image's lazy view. */
  private static Digest lazy(TestServer server, TestImage image) {
    server.push("app", image, "1");
    String path = "/v2/app/manifests/1";
    Digest original = image.manifest().digest();
    await().atMost(PATIENCE).until(() -> !server.resolve(path, View.LAZY).equals(original));
    return server.resolve(path, View.LAZY);
  }

  private List<Descriptor> layers() throws IOException {
    ManifestView index =
        ManifestView.parse(
            Optional.of(MediaTypes.OCI_INDEX), Files.readAllBytes(target().resolve("index.json")));
    return Manifest.of(Optional.empty(), blob(index.manifests().getFirst())).view().layers();
  }

  private byte[] blob(Descriptor descriptor) throws IOException {
    return Files.readAllBytes(target().resolve("blobs/sha256").resolve(descriptor.digest().hex()));
  }

  /** Names of the entries of a layer without the TOC. */
  private List<String> names(Descriptor layer) throws IOException {
    var names = new ArrayList<String>();
    var bytes = new GZIPInputStream(new ByteArrayInputStream(blob(layer)));
    try (var tar = new TarArchiveInputStream(bytes)) {
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
