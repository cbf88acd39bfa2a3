package io.lighter.server.observe;

/**
 * What somebody else wrote, as a log may hold it: cut to a length, and rid of what could make one
 * line look like two, or one value like several. Thread-safe.
 */
public final class LogText {
  private static final int MAX_LINE = 512;
  private static final int MAX_WORD = 160;
  private static final char FIRST_VISIBLE = '!';
  private static final char LAST_VISIBLE = '~';

  private LogText() {}

  /** For a value that is quoted, or stands alone: nothing that ends a line. */
  public static String line(String text) {
    if (text.length() <= MAX_LINE && isPrintable(text)) {
      return text;
    }
    var result = new StringBuilder(MAX_LINE + 1);
    for (int i = 0; i < Math.min(text.length(), MAX_LINE); i++) {
      char c = text.charAt(i);
      result.append(Character.isISOControl(c) ? '?' : c);
    }
    return text.length() > MAX_LINE ? result.append('\u2026').toString() : result.toString();
  }

  /** For a name among other words, such as those of the audit log: visible ASCII and no space. */
  public static String word(String text) {
    var result = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_WORD); i++) {
      char c = text.charAt(i);
      result.append(c < FIRST_VISIBLE || c > LAST_VISIBLE ? '?' : c);
    }
    return result.toString();
  }

  private static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Nearly everything is visible ASCII, and each request has several of these texts.
      if ((c < FIRST_VISIBLE || c > LAST_VISIBLE) && Character.isISOControl(c)) {
        return false;
      }
    }
    return true;
  }
}
