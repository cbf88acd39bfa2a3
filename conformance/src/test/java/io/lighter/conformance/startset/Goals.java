package io.lighter.conformance.startset;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What start-up sets have to reach, by image. An image without an entry is only shown. */
final class Goals {

  /** Bytes that a client fetches ahead, at most, as a multiple of those that the run read. */
  private static final double BYTES_RATIO = 1.5;

  private static final double C_PROGRAM = 0.97;
  private static final double WEB_SERVICE = 0.90;
  private static final Duration CPU = Duration.ofSeconds(1);

  private static final Map<String, Goal> BY_IMAGE =
      Map.ofEntries(
          Map.entry("nginx", new Goal(C_PROGRAM, Duration.ofMillis(50))),
          Map.entry("redis", new Goal(C_PROGRAM, CPU)),
          Map.entry("redis-entrypoint", new Goal(C_PROGRAM, CPU)),
          Map.entry("nginx-entrypoint", new Goal(C_PROGRAM, CPU)),
          Map.entry("apache", new Goal(C_PROGRAM, CPU)),
          Map.entry("numpy", new Goal(0.95, CPU)),
          Map.entry("pandas", new Goal(0.90, CPU)),
          Map.entry("gunicorn", new Goal(WEB_SERVICE, CPU)),
          Map.entry("fastapi", new Goal(WEB_SERVICE, CPU)),
          Map.entry("aiohttp", new Goal(WEB_SERVICE, CPU)),
          Map.entry("django", new Goal(WEB_SERVICE, CPU)),
          Map.entry("node", new Goal(0.85, CPU)),
          Map.entry("java", new Goal(0.85, CPU)));

  private Goals() {}

  static Optional<Goal> of(String image) {
    return Optional.ofNullable(BY_IMAGE.get(image));
  }

  /**
   * The goals of one image.
   *
   * @param recall least part of what the run read, of files as well as of bytes
   * @param cpu longest processor time of the analysis
   */
  record Goal(double recall, Duration cpu) {

    /** What of it a set misses, in words; empty if it misses nothing. */
    List<String> missedBy(Comparison comparison) {
      var missed = new ArrayList<String>();
      require(missed, comparison.recallOfFiles() >= recall, "recall of files", recall);
      require(missed, comparison.recallOfBytes() >= recall, "recall of bytes", recall);
      if (comparison.bytesRatio() > BYTES_RATIO) {
        missed.add(said("bytes over %.1f times the recorded", BYTES_RATIO));
      }
      return missed;
    }

    /** The same of the time that the analysis took. */
    List<String> missedBy(Duration spent) {
      return spent.compareTo(cpu) > 0
          ? List.of(said("more than %.0f ms of processor time", (double) cpu.toMillis()))
          : List.of();
    }

    private static void require(List<String> missed, boolean met, String what, double goal) {
      if (!met) {
        missed.add(said(what + " under %.2f", goal));
      }
    }

    private static String said(String format, double number) {
      return String.format(Locale.ROOT, format, number);
    }
  }
}
