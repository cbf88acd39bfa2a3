package io.lighter.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmClientsTest {
  private static final int MUCH = 1024 * 1024;

  private final AtomicLong now = new AtomicLong(-5);
  private final List<HttpClient> made = new ArrayList<>();
  private final WarmClients clients =
      new WarmClients(
          () -> {
            made.add(HttpClient.newHttpClient());
            return made.getLast();
          },
          now::get);

  @AfterEach
  void close() {
    clients.close();
    made.forEach(HttpClient::shutdownNow);
  }

  @Test
  void take_severalAreFree_isTheOneThatWasUsedLast() {
    WarmClients.Loan first = clients.take();
    WarmClients.Loan second = clients.take();
    assertThat(second.client()).isNotSameAs(first.client());
    second.giveBack();
    first.giveBack();

    assertThat(clients.take().client()).isSameAs(first.client());
    assertThat(clients.take().client()).isSameAs(second.client());
    assertThat(made).hasSize(2);
  }

  @Test
  void giveBack_twice_countsOnce() {
    WarmClients.Loan loan = clients.take();
    loan.giveBack();
    loan.giveBackWithoutConnection();

    assertThat(clients.take().client()).isSameAs(loan.client());
    assertThat(clients.take().client()).isNotSameAs(loan.client());
  }

  @Test
  void nextIsWarm_afterManyBytesAMomentAgo() {
    assertThat(clients.nextIsWarm()).isFalse();
    use(1000);
    assertThat(clients.nextIsWarm()).as("few bytes").isFalse();
    use(MUCH);
    assertThat(clients.nextIsWarm()).isTrue();
    use(1000);
    assertThat(clients.nextIsWarm()).as("many in two exchanges").isTrue();

    pass(Duration.ofMillis(1100));
    assertThat(clients.nextIsWarm()).as("rested").isFalse();
    use(1000);
    assertThat(clients.nextIsWarm()).as("few bytes since it rested").isFalse();
  }

  @Test
  void nextIsWarm_afterTheConnectionWasLost_isNot() {
    WarmClients.Loan loan = clients.take();
    loan.received(MUCH);
    loan.giveBackWithoutConnection();

    assertThat(clients.nextIsWarm()).isFalse();
  }

  @Test
  void giveBack_othersRestedLong_closesThem() {
    WarmClients.Loan first = clients.take();
    WarmClients.Loan second = clients.take();
    first.giveBack();
    pass(WarmClients.REST.plusMillis(1));
    second.giveBack();

    awaitTermination(first.client());
    assertThat(second.client().isTerminated()).isFalse();
  }

  @Test
  void retire_endsWhatIsFreeAtOnceAndWhatIsLentAtItsEnd() {
    WarmClients.Loan free = clients.take();
    WarmClients.Loan lent = clients.take();
    free.giveBack();
    clients.retire();

    awaitTermination(free.client());
    assertThat(lent.client().isTerminated()).isFalse();
    lent.giveBack();
    awaitTermination(lent.client());

    WarmClients.Loan later = clients.take();
    assertThat(later.client()).as("for what is under way still").isNotSameAs(lent.client());
    later.giveBack();
    awaitTermination(later.client());
  }

  @Test
  void close_endsWhatIsFreeAndWhatIsLent() {
    WarmClients.Loan free = clients.take();
    WarmClients.Loan lent = clients.take();
    free.giveBack();
    clients.close();
    awaitTermination(free.client());
    awaitTermination(lent.client());
  }

  private void use(int bytes) {
    WarmClients.Loan loan = clients.take();
    loan.received(bytes);
    loan.giveBack();
  }

  private static void awaitTermination(HttpClient client) {
    Awaitility.await().until(client::isTerminated);
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }
}
