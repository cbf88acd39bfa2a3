package io.lighter.conversion.startset.trace;

/** How sure it is that a start reads a file. Decides what is left out when not all has room. */
public enum Certainty {
  /** The start cannot do without it. */
  CERTAIN,
  /** Nearly every start of this kind reads it. */
  LIKELY,
  /** The program can read it, and many do while they start. */
  POSSIBLE;

  /** The less sure of two. */
  public Certainty orLess(Certainty other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
