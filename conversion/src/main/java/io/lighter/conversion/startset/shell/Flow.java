package io.lighter.conversion.startset.shell;

/** Where it goes on after a command, from the nearest place to the farthest. */
enum Flow {
  /** With the next command. */
  NEXT,
  /** With the next turn of the loop. */
  CONTINUE,
  /** After the loop. */
  BREAK,
  /** After the call of the function, or in the file that sourced this one. */
  RETURN,
  /** Nowhere: the script failed by its own word. */
  FAIL,
  /** Nowhere: the script ended. */
  END,
  /** In another program, which took the shell's place. */
  REPLACED;

  /** Whether nothing more is run. */
  boolean isEnd() {
    return compareTo(FAIL) >= 0;
  }

  /** The nearer of two. */
  Flow orNearer(Flow other) {
    return compareTo(other) <= 0 ? this : other;
  }
}
