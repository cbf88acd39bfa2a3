package io.lighter.server.convert;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a thread has had of the machine's cores since it was started.
 *
 * @param ran nanoseconds on a core
 * @param waited nanoseconds in which it could have run, had there been a core for it
 */
record CoreTime(long ran, long waited) {
  /** As of a thread that never ran: nothing can be said of it. */
  static final CoreTime UNKNOWN = new CoreTime(0, 0);

  /** Linux: {@code Documentation/scheduler/sched-stats.rst}. Elsewhere there is no such file. */
  private static final Path OF_THIS_THREAD = Path.of("/proc/thread-self/schedstat");

  /** That of the calling platform thread; {@link #UNKNOWN} where the system does not tell. */
  static CoreTime ofThisThread() {
    return read(OF_THIS_THREAD);
  }

  static CoreTime read(Path schedstat) {
    try {
      String[] numbers = Files.readString(schedstat, US_ASCII).strip().split(" ", 3);
      return numbers.length < 2
          ? UNKNOWN
          : new CoreTime(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    } catch (IOException | NumberFormatException _) {
      return UNKNOWN;
    }
  }

  /** What it has had since an earlier look. */
  CoreTime since(CoreTime earlier) {
    return new CoreTime(ran - earlier.ran, waited - earlier.waited);
  }
}
