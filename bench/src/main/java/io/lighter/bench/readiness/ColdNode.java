package io.lighter.bench.readiness;

import java.time.Duration;

/**
 * A node on which one container at a time is run from nothing. Blocks; for one thread.
 *
 * <p>All methods fail with {@link io.lighter.bench.load.BenchException}, whose message has what the
 * node said.
 */
interface ColdNode {
  /** Makes sure that nobody else's images or containers would be removed. Once, before all else. */
  void claim();

  /** Ends the container, and removes it and all that was pulled, caches too. */
  void makeCold();

  /** Pulls the image; on return containerd has it, with its layers unpacked or mounted. */
  void pull(Arm arm);

  /** Runs the container; on return its process runs. */
  RunningContainer start(Arm arm);

  /**
   * What was pulled whole: the bytes in the content store.
   *
   * @throws io.lighter.bench.load.BenchException if some of it was on the node already
   */
  long storedBytes();

  /** A container, as far as one can see whether it is ready. */
  interface RunningContainer {
    /** Whether its process has ended. */
    boolean ended();

    /** What it has printed. */
    String output();

    /**
     * Takes the exit code of a container that has ended.
     *
     * @param limit how long the runtime may take to notice the end
     */
    int exitCode(Duration limit);
  }
}
