package io.lighter.conformance.startset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void of_setWithHits_countsFilesAndBytes() throws IOException {
    Comparison comparison =
        Comparison.of(image(), List.of("ten", "thirty"), List.of("thirty", "sixty", "twenty"));

    assertThat(comparison.recallOfFiles()).isEqualTo(0.5);
    assertThat(comparison.recallOfBytes()).isEqualTo(0.75);
    assertThat(comparison.precisionOfFiles()).isEqualTo(1.0 / 3);
    assertThat(comparison.precisionOfBytes()).isEqualTo(30.0 / 110);
    assertThat(comparison.bytesRatio()).isEqualTo(110.0 / 40);
    assertThat(comparison.missed()).containsExactly(new Comparison.Item("ten", 10));
    assertThat(comparison.superfluous())
        .containsExactly(new Comparison.Item("sixty", 60), new Comparison.Item("twenty", 20));
  }

  @Test
  void of_emptyFilesAndPathsOutsideTheImage_countForNobody() throws IOException {
    Comparison recorded =
        Comparison.of(image(), List.of("ten", "empty", "proc/stat"), List.of("ten"));
    Comparison predicted = Comparison.of(image(), List.of("ten"), List.of("ten", "empty"));

    assertThat(recorded.recallOfFiles()).isEqualTo(1);
    assertThat(predicted.precisionOfFiles()).isEqualTo(1);
    assertThat(predicted.misplaced()).isEmpty();
  }

  @Test
  void isOutdated_recordingOfFilesThatTheImageLacks_isTrue() throws IOException {
    assertThat(Comparison.of(image(), List.of("ten", "libold.so.1"), List.of("ten")).isOutdated())
        .isTrue();
    assertThat(Comparison.of(image(), List.of("ten", "empty"), List.of("ten")).isOutdated())
        .isFalse();
  }

  @Test
  void of_hardLinks_areOneFile() throws IOException {
    Comparison comparison = Comparison.of(image(), List.of("ten"), List.of("same-as-ten", "ten"));

    assertThat(comparison.recallOfFiles()).isEqualTo(1);
    assertThat(comparison.predicted()).isEqualTo(new Comparison.Total(1, 10));
  }

  @Test
  void of_setWithAPathThatIsNoFile_saysSo() throws IOException {
    assertThat(Comparison.of(image(), List.of("ten"), List.of("lib/ten")).misplaced())
        .containsExactly("lib/ten");
  }

  @Test
  void of_emptySet_reachesNoGoal() throws IOException {
    Comparison comparison = Comparison.of(image(), List.of("ten"), List.of());

    assertThat(goal().missedBy(comparison))
        .containsExactly("recall of files under 0.90", "recall of bytes under 0.90");
  }

  @Test
  void missedBy_setOfEverything_isTooManyBytes() throws IOException {
    Comparison comparison =
        Comparison.of(image(), List.of("sixty"), List.of("sixty", "thirty", "ten"));

    assertThat(goal().missedBy(comparison)).containsExactly("bytes over 1.5 times the recorded");
  }

  @Test
  void missedBy_setOfHalfAsMuchAgain_isNothing() throws IOException {
    assertThat(
            goal().missedBy(Comparison.of(image(), List.of("sixty"), List.of("sixty", "thirty"))))
        .isEmpty();
  }

  @Test
  void missedBy_longerTime_isThat() {
    assertThat(goal().missedBy(Duration.ofMillis(21)))
        .containsExactly("more than 20 ms of processor time");
    assertThat(goal().missedBy(Duration.ofMillis(20))).isEmpty();
  }

  private static Goals.Goal goal() {
    return new Goals.Goal(0.9, Duration.ofMillis(20));
  }

  private static ImageFiles image() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      add(tar, "empty", 0);
      add(tar, "ten", 10);
      add(tar, "twenty", 20);
      add(tar, "thirty", 30);
      add(tar, "sixty", 60);
      var link = new TarArchiveEntry("same-as-ten", TarConstants.LF_LINK);
      link.setLinkName("ten");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    var image = new ImageFiles();
    image.addLayer(new ByteArrayInputStream(bytes.toByteArray()));
    return image;
  }

  private static void add(TarArchiveOutputStream tar, String name, int size) throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(size);
    tar.putArchiveEntry(entry);
    tar.write(new byte[size]);
    tar.closeArchiveEntry();
  }
}
