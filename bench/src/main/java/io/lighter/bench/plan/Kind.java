package io.lighter.bench.plan;

import java.util.Locale;

/** What a lazy client wants with a request, in the order of a start. */
public enum Kind {
  MANIFEST,
  CONFIG,
  PROBE,
  SIZE,
  FOOTER,
  TOC,
  LAYER,
  PREFETCH,
  READ;

  /** Whether the image counts as pulled only after it. */
  public boolean pull() {
    return compareTo(PREFETCH) < 0;
  }

  /** Whether the container is created only after it. */
  public boolean start() {
    return compareTo(PREFETCH) <= 0;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
