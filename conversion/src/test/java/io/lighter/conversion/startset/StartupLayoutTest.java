package io.lighter.conversion.startset;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.PrefetchList;
import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.image.ImageTree;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.StartupFile;
import io.lighter.conversion.startset.trace.StartupSet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupLayoutTest {

  private static final ImageTree IMAGE =
      new ImageBuilder()
          .file("lib/a", new byte[100])
          .file("lib/b", new byte[50])
          .layer()
          .file("opt/shared", new byte[10])
          .layer()
          .file("app/c", new byte[30])
          .file("app/empty", "")
          .build();

  private static StartupFile found(String path, Reason reason) {
    ImageFile file = IMAGE.file(path).orElseThrow();
    return new StartupFile(file, reason);
  }

  private static List<List<String>> paths(long maxBytes, StartupFile... files) {
    var set = new StartupSet(List.of(files), List.of(), Duration.ZERO, 0);
    return StartupLayout.of(set, IMAGE.layers(), maxBytes).stream()
        .map(list -> list.items().stream().map(PrefetchList.Item::path).toList())
        .toList();
  }

  @Test
  void of_files_areInTheListsOfTheirLayersInOrder() {
    assertThat(
            paths(
                1000,
                found("/app/c", Reason.certain("x")),
                found("/lib/b", Reason.possible("x")),
                found("/lib/a", Reason.certain("x")),
                found("/app/empty", Reason.certain("x"))))
        .containsExactly(List.of("lib/b", "lib/a"), List.of(), List.of("app/c"));
  }

  @Test
  void of_moreThanHasRoom_keepsTheSurestAndTriesTheNext() {
    StartupFile[] files = {
      found("/lib/b", Reason.possible("x")),
      found("/lib/a", Reason.likely("x")),
      found("/app/c", Reason.certain("x"))
    };
    assertThat(paths(130, files)).containsExactly(List.of("lib/a"), List.of(), List.of("app/c"));
    assertThat(paths(129, files)).containsExactly(List.of("lib/b"), List.of(), List.of("app/c"));
    assertThat(paths(0, files)).containsExactly(List.of(), List.of(), List.of());
  }
}
