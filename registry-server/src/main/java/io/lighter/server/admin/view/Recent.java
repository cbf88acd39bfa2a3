package io.lighter.server.admin.view;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that is dear to find out, and found out anew only when what is known is too old,
 * however many ask. Thread-safe; who asks first waits, and so do those who come meanwhile.
 */
final class Recent<T> {
  private final Clock clock;
  private final Duration age;
  private final Supplier<T> finder;
  private @Nullable Known<T> known; // guarded by this

  /**
   * What was found.
   *
   * @param at when
   */
  record Known<T>(T value, Instant at) {}

  /**
   * @param age how old it may be
   */
  Recent(Clock clock, Duration age, Supplier<T> finder) {
    this.clock = clock;
    this.age = age;
    this.finder = finder;
  }

  synchronized Known<T> get() {
    Known<T> last = known;
    Instant now = clock.instant();
    if (last == null || last.at().plus(age).isBefore(now)) {
      last = new Known<>(finder.get(), now);
      known = last;
    }
    return last;
  }
}
