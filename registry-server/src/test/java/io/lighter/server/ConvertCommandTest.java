package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.EStargz;
import io.lighter.conversion.ImageConverter;
import io.lighter.oci.Descriptor;
import io.lighter.oci.Digest;
import io.lighter.oci.Manifest;
import io.lighter.oci.ManifestView;
import io.lighter.oci.MediaTypes;
import io.lighter.server.command.Version;
import io.lighter.server.content.View;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code lighter convert}, as somebody types it. */
class ConvertCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void begin() throws IOException {
    Files.createDirectory(directory.resolve("layouts"));
  }

  @Test
  void layer_withList_isWrittenAndDescribed() throws IOException {
    Path in = layerFile();
    Path target = directory.resolve("out.esgz");
    Path list = Files.writeString(directory.resolve("list"), "# start\n/b\nmissing\n");

    assertThat(run("--layer", "--prefetch-list", list.toString(), in.toString(), target.toString()))
        .isZero();
    JsonNode result = JSON.readTree(out.toString());
    byte[] blob = Files.readAllBytes(target);

    assertThat(result.get("digest").asString()).isEqualTo(Digest.ofSha256(blob).toString());
    assertThat(result.get("size").asLong()).isEqualTo(blob.length);
    assertThat(names(blob))
        .containsExactly("b", ".prefetch.landmark", "a", "c", "stargz.index.json");
    assertThat(result.get("prefetched").get("entries").asInt()).isEqualTo(1);
    assertThat(result.get("prefetchUnmatched").get(0).asString()).isEqualTo("missing");
    assertThat(err.toString()).contains("1 of 2 items to be prefetched match nothing");
    assertThat(result.get("tocDigest").asString()).startsWith("sha256:");
    try (var left = Files.list(directory)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("layouts", "in.tar", "out.esgz", "list");
    }
  }

  @Test
  void layer_damaged_leavesNoTarget() throws IOException {
    byte[] bytes = Files.readAllBytes(layerFile());
    Path damaged = Files.write(directory.resolve("bad"), java.util.Arrays.copyOf(bytes, 700));

    assertThat(run("--layer", damaged.toString(), directory.resolve("out").toString()))
        .isEqualTo(1);
    assertThat(err.toString()).startsWith("lighter: the layer is truncated");
    assertThat(directory.resolve("out")).doesNotExist();
    try (var left = Files.list(directory)) {
      assertThat(left.filter(p -> p.getFileName().toString().startsWith("."))).isEmpty();
    }
  }

  @Test
  void arguments_thatMakeNoSense_areExplained() throws IOException {
    String in = layerFile().toString();
    Path bad = Files.writeString(directory.resolve("list"), "{\"path\":\"a\"}\nusr/bin\n");

    assertRefused(
        "allowed: docker://HOST/NAME[:TAG|@DIGEST] and oci:DIRECTORY[:TAG]", "x", "oci:y");
    assertRefused("\"nginx\" is not a registry", "docker://nginx/a:1", "oci:y");
    assertRefused(
        "is not an OCI layout", "oci:" + directory + "/none:1", "oci:" + directory + "/y");
    assertRefused("line 2: not JSON", "--layer", "--record-in", bad.toString(), in, "out");
    assertRefused("--threads: 0 is not allowed", "--layer", "--threads", "0", in, "out");
    assertRefused("has no level 99", "--layer", "--level", "99", in, "out");
    assertRefused("--min-chunk-size: -1", "--layer", "--min-chunk-size", "-1", in, "out");
    assertRefused("is not a file that can be read", "--layer", directory + "/none", "out");
    assertRefused("neither empty nor an OCI layout", layout(image()), "oci:" + directory + ":1");
    assertThat(run("one")).isEqualTo(CommandLine.ExitCode.USAGE);
  }

  @Test
  void layout_image_becomesLazyInAnother() throws IOException {
    TestImage image = image();
    String target = "oci:" + directory.resolve("target") + ":lazy";

    assertThat(run(layout(image), target)).as(err.toString()).isZero();
    JsonNode result = JSON.readTree(out.toString());
    Manifest lazy = manifest(directory.resolve("target"), "lazy");

    assertThat(result.get("converted").asBoolean()).isTrue();
    assertThat(result.get("digest").asString()).isEqualTo(lazy.digest().toString());
    assertThat(result.get("sourceDigest").asString())
        .isEqualTo(image.manifest().digest().toString());
    assertThat(lazy.view().annotations())
        .containsEntry(ImageConverter.SOURCE_ANNOTATION, image.manifest().digest().toString())
        .containsEntry(ImageConverter.VERSION_ANNOTATION, Version.text());
    assertLazy(directory.resolve("target"), lazy);
    try (var left = Files.list(directory)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("layouts", "target");
    }
    // Once more, from lazy to lazy, into the same directory under another name.
    String again = "oci:" + directory.resolve("target") + ":again";
    assertThat(run(target, again)).isZero();
    assertThat(err.toString()).contains("nothing in the image became lazy by this");
    assertThat(manifest(directory.resolve("target"), "again")).isEqualTo(lazy);
    assertThat(manifest(directory.resolve("target"), "lazy")).isEqualTo(lazy);
  }

  @Test
  void layout_index_takesThePlatformsThatAreWanted() throws IOException {
    TestImage amd64 = image();
    TestImage arm64 = TestImage.of("arm64", List.of(Map.of("a", new byte[] {1})));
    Manifest index = TestImage.index(new LinkedHashMap<>(Map.of("amd64", amd64, "arm64", arm64)));
    Path layout = directory.resolve("layouts/multi");
    TestLayout.write(layout, index, List.of(amd64, arm64));

    assertThat(run("--platform", "linux/arm64", "oci:" + layout, "oci:" + directory + "/one:x"))
        .as(err.toString())
        .isZero();
    Manifest one = manifest(directory.resolve("one"), "x");
    assertThat(one.view().manifests()).hasSize(1);
    assertThat(run("--all-platforms", "oci:" + layout, "oci:" + directory + "/all:x")).isZero();
    Manifest all = manifest(directory.resolve("all"), "x");

    assertThat(all.view().manifests()).hasSize(2);
    for (Descriptor child : all.view().manifests()) {
      assertLazy(directory.resolve("all"), read(directory.resolve("all"), child));
    }
    assertRefused(
        "nothing for [linux/s390x]",
        "--platform",
        "linux/s390x",
        "oci:" + layout,
        "oci:" + directory + "/none");
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void layout_layerThatCannotBeLazy_isCopiedAndSaid() throws IOException {
    TestImage image = TestImage.ofTars("amd64", List.of(TestImage.tarWithForeignHardLink()));

    assertThat(run(layout(image), "oci:" + directory + "/target:x")).isZero();
    assertThat(manifest(directory.resolve("target"), "x")).isEqualTo(image.manifest());
    assertThat(err.toString()).contains("stays as it is: entry").contains("is a hard link to");
  }

  @Test
  void layout_layerThatHidesALinkBelow_isCopiedAndSaid() throws IOException {
    byte[] below = TestImage.tarWithLink("lib", TarConstants.LF_SYMLINK, "usr/lib");
    byte[] above = TestImage.tar(Map.of("lib/app", new byte[10]));
    TestImage image = TestImage.ofTars("amd64", List.of(below, above));

    assertThat(run(layout(image), "oci:" + directory + "/target:x")).as(err.toString()).isZero();
    List<Descriptor> layers = manifest(directory.resolve("target"), "x").view().layers();
    List<Descriptor> originals = image.manifest().view().layers();
    assertThat(layers.getFirst().digest()).isNotEqualTo(originals.getFirst().digest());
    assertThat(layers.getLast().digest()).isEqualTo(originals.getLast().digest());
    assertThat(blob(directory.resolve("target"), layers.getLast().digest())).exists();
    assertThat(err.toString()).contains("it has no entry for the directory");
  }

  @Test
  void registry_image_becomesLazyInARegistry() throws IOException {
    try (var server = TestServer.start(directory.resolve("data"), 0)) {
      TestImage image = image();
      server.push("app", image, "1");
      String host = "docker://localhost:" + server.port();

      assertThat(run(host + "/app:1", host + "/team/lazy:1")).as(err.toString()).isZero();
      Digest digest = server.resolve("/v2/team/lazy/manifests/1", View.ORIGINAL);
      assertThat(JSON.readTree(out.toString()).get("digest").asString())
          .isEqualTo(digest.toString());
      assertThat(digest).isNotEqualTo(image.manifest().digest());

      // And out again, from the digest: what was stored is whole.
      String copy = "oci:" + directory.resolve("copy") + ":1";
      assertThat(run(host + "/team/lazy@" + digest, copy)).as(err.toString()).isZero();
      assertLazy(directory.resolve("copy"), manifest(directory.resolve("copy"), "1"));

      assertRefused("answered 404", host + "/none:1", "oci:" + directory + "/x");
      assertRefused(
          "the digest of the result is not known yet",
          copy,
          host + "/app@" + image.manifest().digest());
    }
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

  private static TestImage image() {
    return TestImage.of(
        "amd64",
        List.of(Map.of("etc/conf", new byte[] {1, 2}), Map.of("app/main", new byte[7000])));
  }

  private Path layerFile() throws IOException {
    var files = new LinkedHashMap<String, byte[]>();
    files.put("a", new byte[100]);
    files.put("b", new byte[] {7});
    files.put("c", new byte[5]);
    return Files.write(directory.resolve("in.tar"), TestImage.tar(files));
  }

  private String layout(TestImage image) throws IOException {
    Path layout = directory.resolve("layouts").resolve(image.manifest().digest().hex());
    TestLayout.write(layout, image.manifest(), List.of(image));
    return "oci:" + layout;
  }

  private static Manifest manifest(Path layout, String name) throws IOException {
    assertThat(layout.resolve("oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    ManifestView index =
        ManifestView.parse(
            Optional.of(MediaTypes.OCI_INDEX), Files.readAllBytes(layout.resolve("index.json")));
    Descriptor found =
        index.manifests().stream()
            .filter(d -> name.equals(d.annotations().get("org.opencontainers.image.ref.name")))
            .findFirst()
            .orElseThrow();
    return read(layout, found);
  }

  private static Manifest read(Path layout, Descriptor descriptor) throws IOException {
    byte[] content = Files.readAllBytes(blob(layout, descriptor.digest()));
    assertThat(Digest.ofSha256(content)).isEqualTo(descriptor.digest());
    return Manifest.of(Optional.of(descriptor.mediaType()), content);
  }

  private static Path blob(Path layout, Digest digest) {
    return layout.resolve("blobs/sha256").resolve(digest.hex());
  }

  /** Every blob is there and what it says, and every layer can be mounted. */
  private static void assertLazy(Path layout, Manifest manifest) throws IOException {
    for (Descriptor blob : manifest.view().requiredBlobs()) {
      byte[] content = Files.readAllBytes(blob(layout, blob.digest()));
      assertThat(Digest.ofSha256(content)).isEqualTo(blob.digest());
      assertThat(content).hasSize((int) blob.size());
    }
    for (Descriptor layer : manifest.view().layers()) {
      byte[] content = Files.readAllBytes(blob(layout, layer.digest()));
      EStargz found =
          EStargz.inspect(
                  (position, target) -> {
                    int n = Math.min(target.remaining(), content.length - (int) position);
                    target.put(content, (int) position, n);
                    return n == 0 ? -1 : n;
                  },
                  content.length)
              .orElseThrow();
      assertThat(layer.annotations())
          .containsEntry(EStargz.TOC_DIGEST_ANNOTATION, found.tocDigest().toString());
    }
  }

  private static List<String> names(byte[] blob) throws IOException {
    var names = new ArrayList<String>();
    try (var tar = new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(blob)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    return names;
  }
}
