package io.lighter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayerStackTest {

  private final LayerStack stack = new LayerStack();

  private Optional<String> add(TarBuilder layer) {
    byte[] blob = Conversions.convert(layer.build()).blob();
    BlobView view =
        (position, target) -> {
          int n = Math.min(target.remaining(), blob.length - (int) position);
          target.put(ByteBuffer.wrap(blob, (int) position, n));
          return n;
        };
    try {
      return stack.add(EStargz.inspect(view, blob.length).orElseThrow().toc());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static TarBuilder tar() {
    return new TarBuilder();
  }

  private static TarBuilder sticky() {
    return tar().entry(TarBuilder.header("tmp/", '5').mode(01777));
  }

  @Test
  void add_directoriesThatNobodySets_areAlike() {
    assertThat(add(tar().file("a/b/c", "x"))).isEmpty();
    assertThat(add(tar().directory("a/").file("a/b/d", "x"))).isEmpty();
    assertThat(add(tar().file("a/b/e", "x"))).isEmpty();
  }

  @Test
  void add_directoryOfOtherModeBelow_differs() {
    assertThat(add(sticky())).isEmpty();

    assertThat(add(tar().file("tmp/f", "x"))).get().asString().contains("directory \"tmp\"");
    assertThat(add(tar().directory("tmp/").file("tmp/f", "x"))).isEmpty();
    assertThat(add(tar().file("tmp/g", "x"))).isEmpty();
  }

  @Test
  void add_directoryOfOtherOwnerOrWithAttributesBelow_differs() {
    assertThat(add(tar().entry(TarBuilder.header("a/", '5').mode(0755).owner(0, 7)))).isEmpty();
    assertThat(add(tar().pax("SCHILY.xattr.user.a", "1").directory("b/"))).isEmpty();

    assertThat(add(tar().file("a/f", "x"))).isPresent();
    assertThat(add(tar().file("b/f", "x"))).isPresent();
  }

  @Test
  void add_linkBelow_differs() {
    assertThat(add(tar().directory("usr/lib/").symlink("lib", "usr/lib"))).isEmpty();

    assertThat(add(tar().file("lib/x/f", "x"))).get().asString().contains("symbolic link");
    // Unpacked, the first file goes through the link, which the entry behind it then replaces.
    assertThat(add(tar().file("lib/f", "x").directory("lib/"))).isPresent();
    assertThat(add(tar().directory("lib/").file("lib/f", "x"))).isEmpty();
    assertThat(add(tar().file("lib/g", "x"))).isEmpty();
  }

  @Test
  void add_hiddenByWhiteoutsBetween_areAlike() {
    assertThat(add(sticky().symlink("lib", "x").directory("d/").symlink("d/l", "x"))).isEmpty();
    assertThat(add(tar().file(".wh.tmp", "").file(".wh.lib", "").file("d/.wh..wh..opq", "")))
        .isEmpty();

    assertThat(add(tar().file("tmp/f", "x").file("lib/f", "x").file("d/l/f", "x"))).isEmpty();
  }

  @Test
  void add_opaqueBehindWhatItsOwnLayerHas_hidesOnlyLayersBelow() {
    assertThat(add(tar().directory("d/").symlink("d/l", "x").file("d/.wh..wh..opq", ""))).isEmpty();

    assertThat(add(tar().directory("d/").file("d/l/f", "x"))).isPresent();
  }

  @Test
  void add_fileInPlaceOfDirectory_hidesWhatWasInIt() {
    assertThat(add(tar().directory("a/").symlink("a/l", "x"))).isEmpty();
    assertThat(add(tar().file("a", "x"))).isEmpty();
    assertThat(add(tar().directory("a/"))).isEmpty();

    assertThat(add(tar().file("a/l/f", "x"))).isEmpty();
  }

  @Test
  void add_layerThatDiffers_isNotAdded() {
    assertThat(add(sticky())).isEmpty();
    assertThat(add(tar().symlink("l", "x").file("tmp/f", "x"))).isPresent();

    assertThat(add(tar().file("l/f", "x"))).isEmpty();
  }
}
