package io.lighter.server.content;

import java.util.Locale;
import java.util.Optional;

/** One of the two views that a tag has. */
public enum View {
  /** What the pusher or upstream has, byte for byte. */
  ORIGINAL,
  /** The converted image, whose layers can be mounted before they have arrived. */
  LAZY;

  /** Request and response header that names a view. */
  public static final String HEADER = "Lighter-View";

  /** Parses a header value; empty if it names no view. */
  public static Optional<View> tryParse(String value) {
    return switch (value.strip().toLowerCase(Locale.ROOT)) {
      case "original" -> Optional.of(ORIGINAL);
      case "lazy" -> Optional.of(LAZY);
      default -> Optional.empty();
    };
  }

  /** As in the header. */
  public String headerValue() {
    return name().toLowerCase(Locale.ROOT);
  }
}
