package io.lighter.conversion;

import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.Conversions.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerFilesTest {

  @Test
  void read_convertedLayer_filesWithBytesInTheOrderOfTheBlob() throws IOException {
    byte[] blob =
        convert(
                new TarBuilder()
                    .file("usr/lib/one", "x".repeat(10_000))
                    .file("empty", "")
                    .file("etc/two", "y")
                    .build())
            .blob();
    EStargz whole = EStargz.inspect(view(blob), blob.length).orElseThrow();

    LayerFiles found = LayerFiles.read(view(blob), blob.length, 100).orElseThrow();

    assertThat(found.tocOffset()).isEqualTo(whole.tocOffset());
    assertThat(found.complete()).isTrue();
    assertThat(found.files())
        .extracting(LayerFiles.File::path)
        .containsExactly("usr/lib/one", "etc/two");
    assertThat(found.files()).extracting(LayerFiles.File::size).containsExactly(10_000L, 1L);
    List<TocEntry> entries = whole.toc().entries();
    for (LayerFiles.File file : found.files()) {
      assertThat(entries)
          .anySatisfy(entry -> {
            assertThat(entry.name()).isEqualTo(file.path());
            assertThat(entry.offset()).isEqualTo(file.offset());
          });
    }
    assertThat(found.files().getFirst().end()).isEqualTo(found.files().getLast().offset());
    assertThat(found.files().getLast().end())
        .isGreaterThan(found.files().getLast().offset())
        .isLessThanOrEqualTo(found.tocOffset());
  }

  @Test
  void read_moreFilesThanWanted_saysSo() throws IOException {
    byte[] blob =
        convert(new TarBuilder().file("a", "1").file("b", "2").file("c", "3").build()).blob();

    LayerFiles found = LayerFiles.read(view(blob), blob.length, 2).orElseThrow();

    assertThat(found.files()).extracting(LayerFiles.File::path).containsExactly("a", "b");
    assertThat(found.complete()).isFalse();
  }

  @Test
  void read_noEStargz_isEmpty() throws IOException {
    assertThat(LayerFiles.read(view(new byte[100]), 100, 10)).isEmpty();
    assertThat(LayerFiles.read(view(new byte[10]), 10, 10)).isEmpty();
  }

  @Test
  void read_blobThatCannotBeRead_fails() throws IOException {
    byte[] blob = convert(new TarBuilder().file("a", "1").build()).blob();
    BlobView broken =
        (position, target) -> {
          if (position < blob.length - Footer.LENGTH) {
            throw new EOFException("broken");
          }
          return view(blob).read(position, target);
        };

    assertThatThrownBy(() -> LayerFiles.read(broken, blob.length, 10)).hasMessage("broken");
  }
}
