package io.lighter.conversion;

/**
 * The steps that patterns may take on the paths of one layer. A list can come with an image, so
 * from anybody, and a thousand long patterns on a million paths would keep a thread busy for days.
 * Not thread-safe.
 */
final class PatternSteps {

  /**
   * About a minute: a step took 12 ns. Twenty patterns like the one for all files of a kind, on
   * 200,000 paths of 60 characters, take a seventh of it.
   */
  static final long MOST = 5_000_000_000L;

  private final long most;
  private long taken;

  PatternSteps(long most) {
    this.most = most;
  }

  /**
   * Takes some more.
   *
   * @throws LayerTooLargeException if these are too many
   */
  void take(long steps) {
    taken += steps;
    if (taken > most) {
      throw new LayerTooLargeException(
          "the patterns of the prefetch list take more than %d steps on the paths of the layer; "
                  .formatted(most)
              + "allowed are as many: fewer or shorter patterns, or ones that begin with a path");
    }
  }
}
