package io.lighter.conversion;

import static io.lighter.conversion.Conversions.concat;
import static io.lighter.conversion.Conversions.convert;
import static io.lighter.conversion.Conversions.gzip;
import static io.lighter.conversion.Conversions.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LazyBoundsTest {
  private static final long TOC_OFFSET = gzip(new TarBuilder().file("a", "x").bytes()).length;

  @Test
  void find_convertedLayer_hasNoLandmark() throws IOException {
    byte[] blob = convert(new TarBuilder().file("f", "x".repeat(10_000)).build()).blob();
    EStargz whole = EStargz.inspect(view(blob), blob.length).orElseThrow();

    assertThat(LazyBounds.find(view(blob), blob.length))
        .contains(new LazyBounds(whole.tocOffset(), OptionalLong.empty()));
  }

  @Test
  void find_landmark_isWhereItsEntryIs() throws IOException {
    String json =
        """
        {"version":1,"other":{"entries":[1]},"entries":[
          {"name":"f","type":"reg","size":1,"offset":70,"chunks":[{"name":"x"}]},
          {"offset":123,"name":"./.prefetch.landmark","type":"reg","size":1},
          {"name":"g","type":"reg","offset":200}]}\
        """;

    assertThat(find(json)).contains(new LazyBounds(TOC_OFFSET, OptionalLong.of(123)));
  }

  /** What follows the landmark is not looked at: a long table costs no more than a short one. */
  @Test
  void find_behindTheLandmark_readsNothing() throws IOException {
    var json = new StringBuilder("{\"entries\":[{\"name\":\".prefetch.landmark\",\"offset\":9}");
    for (int i = 0; i < 200_000; i++) {
      json.append(",{\"name\":\"").append(Integer.toHexString(i * 31)).append("\"}");
    }
    byte[] blob = withToc(json + "]}");
    var read = new AtomicLong();
    BlobView counting =
        (position, target) -> {
          int count = view(blob).read(position, target);
          read.addAndGet(count);
          return count;
        };

    assertThat(LazyBounds.find(counting, blob.length).orElseThrow().landmark()).hasValue(9);
    assertThat(read.get()).isLessThan(blob.length / 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"entries\":[{\"name\":\"../..\"}]}", "no"})
  void find_tableThatIsNone_hasNoLandmark(String json) throws IOException {
    assertThat(find(json).flatMap(found -> found.landmark().stream().boxed().findAny())).isEmpty();
  }

  @Test
  void find_noFooter_isEmpty() throws IOException {
    assertThat(LazyBounds.find(view(new byte[100]), 100)).isEmpty();
    assertThat(LazyBounds.find(view(new byte[10]), 10)).isEmpty();
  }

  @Test
  void find_blobThatCannotBeRead_fails() {
    byte[] blob = withToc("{\"entries\":[]}");
    BlobView broken =
        (position, target) -> {
          if (position < blob.length - Footer.LENGTH) {
            throw new EOFException("broken");
          }
          return view(blob).read(position, target);
        };

    assertThatThrownBy(() -> LazyBounds.find(broken, blob.length)).hasMessage("broken");
  }

  private static Optional<LazyBounds> find(String json) throws IOException {
    byte[] blob = withToc(json);
    return LazyBounds.find(view(blob), blob.length);
  }

  private static byte[] withToc(String json) {
    byte[] toc = gzip(new TarBuilder().file("stargz.index.json", json).build());
    byte[] content = gzip(new TarBuilder().file("a", "x").bytes());
    return concat(content, toc, new Footer(content.length).bytes());
  }
}
