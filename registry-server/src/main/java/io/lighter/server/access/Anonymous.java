package io.lighter.server.access;

/** What everybody may do, without saying who he is. */
public enum Anonymous {
  /** Everything on the loopback while nothing else is said about access; otherwise pull. */
  AUTO,
  NOTHING,
  PULL,
  EVERYTHING
}
