package io.lighter.server.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PlacesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void take_allTaken_isOverloadedUntilOneIsFree() {
    var places = places(2, 0, 0);
    var one = places.take(who("a", "x"));
    places.take(who("b", "y"));

    assertThatThrownBy(() -> places.take(who("c", "z")))
        .isInstanceOf(LimitException.Overloaded.class)
        .hasMessageContaining("too many tests at once");
    one.close();
    one.close();

    assertThat(places.taken()).isOne();
    places.take(who("c", "z"));
    assertThat(places.refused()).isOne();
  }

  @Test
  void take_oneClientAsksForAll_leavesHalfToOthers() {
    var places = places(10, 0, 0);
    places.take(who("quiet", "small"));

    assertThat(takeAll(places, "greedy", "big", 20)).isEqualTo(5);

    // Each of the others gets places as long as he has less than an equal share.
    assertThat(takeAll(places, "third", "small", 20)).isEqualTo(3);
    assertThat(places.taken()).isEqualTo(9);
    places.take(who("fourth", "new"));
    assertThatThrownBy(() -> places.take(who("fifth", "newer")))
        .isInstanceOf(LimitException.Overloaded.class);
  }

  @Test
  void take_oneNamespaceFromManyClients_leavesHalfToOthers() {
    var places = places(10, 0, 0);
    places.take(who("quiet", "small"));
    int got = 0;
    for (int i = 0; i < 20; i++) {
      got += takeAll(places, "client-" + i, "big", 1);
    }

    assertThat(got).isEqualTo(5);
    places.take(who("another", "small"));
  }

  @Test
  void take_capOfAClient_isHisOwn() {
    var places = places(100, 2, 0);

    assertThat(takeAll(places, "a", "x", 10)).isEqualTo(2);
    assertThat(takeAll(places, "b", "x", 10)).isEqualTo(2);
    assertThatThrownBy(() -> places.take(who("a", "y")))
        .isInstanceOf(LimitException.ShareUsed.class)
        .hasMessage("too many tests at once: this client has 2, and may have 2 now");
  }

  @Test
  void take_nobodys_getsTheFirstHalfOnly() {
    var places = places(4, 0, 0);
    places.take(Optional.empty(), Duration.ZERO);
    places.take(Optional.empty(), Duration.ZERO);

    assertThatThrownBy(() -> places.take(Optional.empty(), Duration.ZERO))
        .isInstanceOf(LimitException.Overloaded.class);
    places.take(who("a", "x"));
  }

  @Test
  void take_withPatience_getsWhatBecomesFree() throws Exception {
    var places = places(1, 0, 0);
    var held = places.take(who("a", "x"));
    var waiting =
        CompletableFuture.supplyAsync(() -> places.take(Optional.of(who("b", "y")), LONG));

    assertThat(waiting).isNotDone();
    held.close();

    waiting.get(10, TimeUnit.SECONDS).close();
    assertThat(places.taken()).isZero();
  }

  @Test
  void replace_moreCaps_holdAtOnce() {
    var places = places(1, 0, 0);
    places.take(who("a", "x"));

    places.replace(new Places.Caps(2, 0, 0));

    places.take(who("a", "x"));
  }

  private static int takeAll(Places places, String client, String namespace, int tries) {
    var got = new ArrayList<Places.Place>();
    for (int i = 0; i < tries; i++) {
      try {
        got.add(places.take(who(client, namespace)));
      } catch (LimitException _) {
        break;
      }
    }
    return List.copyOf(got).size();
  }

  private static Places places(int total, int client, int namespace) {
    return new Places("tests", new Places.Caps(total, client, namespace));
  }

  private static Requester who(String client, String namespace) {
    return new Requester(client, namespace);
  }
}
