package io.lighter.conversion.startset.trace;

import java.time.Duration;
import java.util.List;

/**
 * What the start of an image is expected to read.
 *
 * @param files each once, in the order in which the start reads them
 * @param unresolved what could not be followed
 * @param cpu what the analysis took
 * @param bytesRead uncompressed bytes of the files that it looked into
 */
public record StartupSet(
    List<StartupFile> files, List<Unresolved> unresolved, Duration cpu, long bytesRead) {

  public StartupSet {
    files = List.copyOf(files);
    unresolved = List.copyOf(unresolved);
  }
}
