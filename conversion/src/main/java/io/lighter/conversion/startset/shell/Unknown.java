package io.lighter.conversion.startset.shell;

/**
 * Text that is not known, as part of texts that otherwise are. It stands there as a character that
 * no text has (U+FFFF is none by definition), so that it goes wherever text goes.
 */
final class Unknown {

  /** Any text, or none. */
  static final String TEXT = "\uffff";

  private Unknown() {}

  /** Whether a part of a text is unknown. */
  static boolean in(String text) {
    return text.indexOf(TEXT) >= 0;
  }

  /** What is known of a text. */
  static String known(String text) {
    return text.replace(TEXT, "");
  }

  /** The text, or that nothing is known of it if it is longer than values should be. */
  static String orShort(String text, int longest) {
    return text.length() > longest ? TEXT : text;
  }
}
