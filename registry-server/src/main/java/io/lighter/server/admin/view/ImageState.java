package io.lighter.server.admin.view;

import java.util.Locale;

/** What became of an image, or will. */
enum ImageState {
  /** It has a lazy view. */
  LAZY,
  /** Its conversion waits; it may have a lazy view of other platforms. */
  WAITING,
  /** It is being converted. */
  RUNNING,
  /** Its conversion was given up until the next start of the server. */
  PARKED,
  /** It stays as it is: nothing of it can become lazy, or it is not to be converted. */
  ORIGINAL;

  /** As it stands in documents. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
