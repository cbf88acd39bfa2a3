package io.lighter.conversion.startset.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.conversion.startset.ImageBuilder;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageTreeTest {

  private static String text(ImageTree image, String path) throws IOException {
    ImageFile file = image.file(path).orElseThrow();
    return new String(file.read(0, (int) file.size()), UTF_8);
  }

  @Test
  void file_inSeveralLayers_isTheUppermost() throws IOException {
    ImageTree image =
        new ImageBuilder()
            .file("etc/a", "below")
            .file("etc/b", "b")
            .layer()
            .file("etc/a", "above")
            .build();

    assertThat(text(image, "/etc/a")).isEqualTo("above");
    assertThat(image.file("/etc/a").orElseThrow().layer()).isEqualTo(1);
    assertThat(image.file("etc/b").orElseThrow().layer()).isZero();
    assertThat(image.layers()).isEqualTo(2);
  }

  @Test
  void file_behindAWhiteout_isGone() {
    ImageTree image =
        new ImageBuilder()
            .file("etc/a", "a")
            .file("etc/b", "b")
            .file("opt/x/c", "c")
            .layer()
            .file("etc/.wh.a", "")
            .file(".wh.opt", "")
            .build();

    assertThat(image.find("/etc/a")).isEmpty();
    assertThat(image.find("/etc/.wh.a")).isEmpty();
    assertThat(image.file("/etc/b")).isPresent();
    assertThat(image.find("/opt")).isEmpty();
  }

  @Test
  void file_behindAnOpaqueMarker_isGoneAndOwnOnesStay() {
    ImageTree image =
        new ImageBuilder()
            .file("opt/old", "a")
            .layer()
            .file("opt/new", "b")
            .file("opt/.wh..wh..opq", "")
            .build();

    assertThat(image.directory("/opt").orElseThrow().children()).containsOnlyKeys("new");
  }

  @Test
  void file_whereADirectoryWas_takesItsPlaceAndTheOtherWayRound() {
    ImageTree image =
        new ImageBuilder()
            .file("a/b", "x")
            .file("c", "y")
            .layer()
            .file("a", "file")
            .directory("c")
            .file("c/d", "z")
            .build();

    assertThat(image.file("/a")).isPresent();
    assertThat(image.find("/a/b")).isEmpty();
    assertThat(image.file("/c/d")).isPresent();
  }

  @Test
  void find_symbolicLinks_areFollowedAsTheKernelDoes() throws IOException {
    ImageTree image =
        new ImageBuilder()
            .link("lib", "usr/lib")
            .file("usr/lib/x/libc.so.6", "c")
            .link("usr/lib/x/abs", "/lib/x/libc.so.6")
            .link("usr/lib/x/up", "../../../lib/./x/libc.so.6")
            .link("usr/lib/x/out", "../../../../../../etc/passwd")
            .file("etc/passwd", "root")
            .build();

    assertThat(image.file("/lib/x/libc.so.6").orElseThrow().path())
        .isEqualTo("/usr/lib/x/libc.so.6");
    assertThat(text(image, "/lib/x/abs")).isEqualTo("c");
    assertThat(text(image, "/lib/x/up")).isEqualTo("c");
    assertThat(text(image, "/lib/x/out")).as("nothing is above the root").isEqualTo("root");
    assertThat(text(image, "/usr/lib/../lib/x/libc.so.6")).isEqualTo("c");
  }

  @Test
  void find_loopOfLinks_findsNothing() {
    ImageTree image = new ImageBuilder().link("a", "b").link("b", "a").link("c", "c/c").build();

    assertThat(image.find("/a")).isEmpty();
    assertThat(image.find("/c")).isEmpty();
    assertThat(image.find("/a/x/../y")).isEmpty();
  }

  @Test
  void read_hardLink_isTheSameBytes() throws IOException {
    ImageTree image = new ImageBuilder().file("a", "same").hardLink("b/c", "a").build();

    assertThat(text(image, "/b/c")).isEqualTo("same");
    assertThat(image.file("/b/c").orElseThrow().path()).isEqualTo("/b/c");
  }

  @Test
  void read_fileOfSeveralChunks_givesAnyPart() throws IOException {
    var content = new byte[9 << 20];
    new Random(7).nextBytes(content);
    ImageFile file = new ImageBuilder().file("big", content).build().file("/big").orElseThrow();

    for (int begin : new int[] {0, 1, (4 << 20) - 1, 4 << 20, (8 << 20) + 5}) {
      for (int length : new int[] {1, 100, (4 << 20) + 1, 9 << 20}) {
        int end = Math.min(content.length, begin + length);
        assertThat(Arrays.equals(file.read(begin, length), Arrays.copyOfRange(content, begin, end)))
            .as("%d bytes from %d", length, begin)
            .isTrue();
      }
    }
  }

  @Test
  void read_damagedMember_saysSo() throws IOException {
    var content = new byte[100_000];
    new Random(7).nextBytes(content);
    var tar = new ImageBuilder().file("a", content);
    ImageFile whole = tar.build().file("/a").orElseThrow();
    assertThat(whole.read(0, content.length)).isEqualTo(content);

    byte[] blob = tar.blob(0);
    Arrays.fill(blob, 1_000, 50_000, (byte) 0xff);
    ImageFile damaged = new ImageTree().add(ImageBuilder.contents(blob)).file("/a").orElseThrow();
    assertThatThrownBy(() -> damaged.read(0, content.length))
        .isInstanceOf(DamagedFileException.class);
  }
}
