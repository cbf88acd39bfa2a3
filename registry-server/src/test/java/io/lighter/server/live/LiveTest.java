package io.lighter.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LiveTest {
  private final Live<List<String>> live = new Live<>(List.of("old", "old"));

  @Test
  void get_replaced_isTheLatest() {
    live.replace(List.of("new", "new"));

    assertThat(live.get()).containsExactly("new", "new");
  }

  /** All of the old, to the end of what began with it. */
  @Test
  void get_heldAndReplacedMeanwhile_isWhatIsHeld() {
    Supplier<String> first = live.part(List::getFirst);
    Supplier<String> last = live.part(List::getLast);

    String seen =
        live.holding(
            live.get(),
            () -> {
              String before = first.get();
              live.replace(List.of("new", "new"));
              return before + ' ' + last.get();
            });

    assertThat(seen).isEqualTo("old old");
    assertThat(last.get()).isEqualTo("new");
  }
}
