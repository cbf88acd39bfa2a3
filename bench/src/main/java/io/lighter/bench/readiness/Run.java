package io.lighter.bench.readiness;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One start on a cold node.
 *
 * @param image the program
 * @param arm the way it came
 * @param round from 1
 * @param pull seconds until containerd had the image
 * @param start seconds from then until the container's process ran
 * @param ready seconds from then until it was ready
 * @param figures what was counted until then, by name
 * @param error why it never was ready; the seconds are no figures then
 */
record Run(
    String image,
    String arm,
    int round,
    double pull,
    double start,
    double ready,
    Map<String, Double> figures,
    Optional<String> error) {

  /** The figure that every run has: bytes that containerd stored, which are those pulled whole. */
  static final String STORED = "stored, MB";

  Run {
    figures = new TreeMap<>(figures);
  }

  static Run failed(Arm arm, int round, String error) {
    return new Run(arm.image(), arm.name(), round, 0, 0, 0, Map.of(), Optional.of(error));
  }

  /** Seconds from the beginning of the pull until it was ready. */
  double total() {
    return pull + start + ready;
  }
}
