package io.lighter.server.admin.debug;

import io.lighter.server.http.RequestUnderWay;
import io.lighter.server.limit.Load;
import io.lighter.server.limit.QueueDelay;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How late the event loops are, and what is under way, the oldest first.
 *
 * @param load which knows how long work waits
 * @param requests those under way
 */
public record LoopsAndRequests(Load load, Supplier<List<RequestUnderWay>> requests) {
  private static final int MOST = 1000;

  /** The text. */
  public String text() {
    List<RequestUnderWay> oldest =
        requests.get().stream()
            .sorted(Comparator.comparing(RequestUnderWay::age).reversed())
            .toList();
    var text = new StringBuilder();
    delay(text, "event loops are late by", load.loops());
    delay(text, "requests wait for a thread", load.threads());
    text.append("\nrequests under way: ").append(oldest.size()).append('\n');
    if (!oldest.isEmpty()) {
      text.append("%12s  %-16s  %-24s  %s%n".formatted("age ms", "id", "client", "request"));
    }
    oldest.stream()
        .limit(MOST)
        .forEach(one ->
            text.append(
                "%12s  %-16s  %-24s  %s %s%n"
                    .formatted(
                        millis(one.age()), one.id(), one.client(), one.method(), one.uri())));
    if (oldest.size() > MOST) {
      text.append("and %d more%n".formatted(oldest.size() - MOST));
    }
    return text.toString();
  }

  private static void delay(StringBuilder text, String what, QueueDelay delay) {
    text.append(
        "%s %s ms at least, %s ms at most, in the last half second%n"
            .formatted(what, millis(delay.delay()), millis(delay.worst())));
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f", time.toNanos() / 1e6);
  }
}
