package io.lighter.node.host;

/**
 * Told before each change of the file system, so that tests can end the program there. A program
 * that is killed stops between two of these steps, never inside one that the kernel sees as whole.
 */
@FunctionalInterface
public interface Steps {
  /** Nobody wants to know. */
  Steps UNWATCHED = _ -> {};

  void about(String step);
}
