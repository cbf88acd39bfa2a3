package io.lighter.conformance.startset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {

  @Test
  void file_ofTwoLayers_isThatOfTheUpper() throws IOException {
    ImageFiles image =
        image(layer -> layer.file("etc/a", "old"), layer -> layer.file("./etc/a", "newer"));

    assertThat(image.file("etc/a")).contains(new ImageFile(5, 1, "etc/a"));
  }

  @Test
  void file_whitedOut_isNone() throws IOException {
    ImageFiles image =
        image(
            layer -> layer.file("a/b", "1").file("ab", "2").file("a/c/d", "3"),
            layer -> layer.file("a/.wh.c", "").file("a/.wh.b", ""));

    assertThat(image.file("a/b")).isEmpty();
    assertThat(image.file("a/c/d")).isEmpty();
    assertThat(image.file("ab")).isPresent();
  }

  @Test
  void file_belowAnOpaqueDirectory_isOnlyThatOfTheUpperLayer() throws IOException {
    ImageFiles image =
        image(
            layer -> layer.file("a/old", "1").file("a-b", "2"),
            layer -> layer.file("a/new", "3").file("a/.wh..wh..opq", ""));

    assertThat(image.file("a/old")).isEmpty();
    assertThat(image.file("a/new")).isPresent();
    assertThat(image.file("a-b")).isPresent();
  }

  @Test
  void file_ofADirectoryThatBecameALink_isNone() throws IOException {
    ImageFiles image =
        image(
            layer -> layer.file("lib/a", "1"),
            layer -> layer.link("lib", "usr/lib", TarConstants.LF_SYMLINK));

    assertThat(image.file("lib/a")).isEmpty();
    assertThat(image.file("lib")).isEmpty();
  }

  @Test
  void file_hardLinkedToALowerLayer_isTheLinkedFile() throws IOException {
    ImageFiles image =
        image(
            layer -> layer.file("a", "content"),
            layer -> layer.link("b", "/a", TarConstants.LF_LINK));

    assertThat(image.file("b")).isEqualTo(image.file("a")).isPresent();
  }

  @Test
  void file_device_isNone() throws IOException {
    assertThat(image(layer -> layer.link("null", "", TarConstants.LF_CHR)).file("null")).isEmpty();
  }

  @Test
  void of_layoutWithPlainAndCompressedLayers_readsBoth(@TempDir Path folder) throws IOException {
    byte[] plain = new Tar().file("plain", "1").bytes();
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(new Tar().file("small", "22").bytes());
    }
    Path blobs = Files.createDirectories(folder.resolve("blobs/x"));
    Files.write(blobs.resolve("1"), plain);
    Files.write(blobs.resolve("2"), compressed.toByteArray());
    Files.writeString(
        blobs.resolve("c"), "{\"config\":{\"Entrypoint\":[\"a\"],\"Cmd\":[\"b c\"]}}");
    Files.writeString(
        blobs.resolve("m"),
        "{\"config\":{\"digest\":\"x:c\"},\"layers\":[{\"digest\":\"x:1\"},{\"digest\":\"x:2\"}]}");
    Files.writeString(folder.resolve("index.json"), "{\"manifests\":[{\"digest\":\"x:m\"}]}");
    var layout = new OciLayout(folder);

    ImageFiles image = ImageFiles.of(layout);

    assertThat(image.file("plain")).contains(new ImageFile(1, 0, "plain"));
    assertThat(image.file("small")).contains(new ImageFile(2, 1, "small"));
    assertThat(layout.command()).containsExactly("a", "b c");
  }

  @SafeVarargs
  private static ImageFiles image(Consumer<Tar>... layers) throws IOException {
    var image = new ImageFiles();
    for (Consumer<Tar> layer : layers) {
      var tar = new Tar();
      layer.accept(tar);
      image.addLayer(new ByteArrayInputStream(tar.bytes()));
    }
    return image;
  }

  /** A layer that is being made. */
  private static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream archive = new TarArchiveOutputStream(bytes);

    Tar file(String name, String content) {
      byte[] data = content.getBytes(StandardCharsets.UTF_8);
      var entry = new TarArchiveEntry(name);
      entry.setSize(data.length);
      return put(entry, data);
    }

    Tar link(String name, String target, byte type) {
      var entry = new TarArchiveEntry(name, type);
      entry.setLinkName(target);
      return put(entry, new byte[0]);
    }

    private Tar put(TarArchiveEntry entry, byte[] data) {
      try {
        archive.putArchiveEntry(entry);
        archive.write(data);
        archive.closeArchiveEntry();
        return this;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    byte[] bytes() throws IOException {
      archive.close();
      return bytes.toByteArray();
    }
  }
}
