package io.lighter.conversion.startset.trace;

/**
 * Why a file is expected to be read.
 *
 * @param certainty how sure that is
 * @param text a few words for people: {@code needed by /usr/sbin/nginx}
 */
public record Reason(Certainty certainty, String text) {

  public static Reason certain(String text) {
    return new Reason(Certainty.CERTAIN, text);
  }

  public static Reason likely(String text) {
    return new Reason(Certainty.LIKELY, text);
  }

  public static Reason possible(String text) {
    return new Reason(Certainty.POSSIBLE, text);
  }

  /** The same reason, no surer than something else is. */
  public Reason atMost(Certainty surest) {
    return surest.orLess(certainty) == certainty ? this : new Reason(surest, text);
  }

  /** Another reason that is no surer than this one. */
  public Reason then(String other) {
    return new Reason(certainty, other);
  }
}
