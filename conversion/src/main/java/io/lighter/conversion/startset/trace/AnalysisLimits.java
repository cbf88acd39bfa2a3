package io.lighter.conversion.startset.trace;

import java.time.Duration;

/**
 * What an analysis may cost. When it is at a limit it ends with what it has.
 *
 * @param cpu time of the thread that it runs on
 * @param bytesRead uncompressed bytes of files looked into
 * @param files how many files a start can have
 * @param largestFile longer files are taken in without being looked into
 */
public record AnalysisLimits(Duration cpu, long bytesRead, int files, int largestFile) {

  /** Several times what the largest images need that were measured (docs/startup-set.md). */
  public static final AnalysisLimits DEFAULTS =
      new AnalysisLimits(Duration.ofSeconds(20), 1L << 30, 50_000, 128 << 20);
}
