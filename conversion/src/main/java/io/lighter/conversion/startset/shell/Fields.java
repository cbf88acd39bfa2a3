package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.PathGlob;
import java.util.ArrayList;
import java.util.List;

/** Collects the words that one word of a script becomes (POSIX.1-2024, section 2.6.5). */
final class Fields {

  private static final int MAX_FIELDS = 10_000;
  private static final long MAX_TOTAL = 1 << 20;

  /**
   * A word that is to be.
   *
   * @param text without quotes
   * @param pattern the same, with a backslash in front of what was quoted
   * @param globs whether something in it stands for others
   */
  record Field(String text, String pattern, boolean globs) {}

  private final List<Field> fields = new ArrayList<>();
  private final String separators;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder pattern = new StringBuilder();
  private boolean begun;
  private boolean globs;
  private long total;

  Fields(String separators) {
    this.separators = separators;
  }

  void quoted(String more) {
    begun = true;
    append(more, PathGlob.escaped(more));
  }

  /** Text of the script, which is not divided. */
  void literal(String more) {
    begun |= !more.isEmpty();
    globs |= PathGlob.isPattern(more);
    append(more, more);
  }

  /** What was put in for something outside of quotes. */
  void divided(String more) {
    int at = 0;
    for (int i = 0; i <= more.length(); i++) {
      if (i == more.length() || separators.indexOf(more.charAt(i)) >= 0) {
        if (i > at) {
          literal(more.substring(at, i));
        }
        if (i < more.length()) {
          next();
        }
        at = i + 1;
      }
    }
  }

  /** Ends a word and begins another. */
  void next() {
    total += pattern.length();
    if (begun && fields.size() < MAX_FIELDS && total < MAX_TOTAL) {
      fields.add(new Field(text.toString(), pattern.toString(), globs));
    }
    text.setLength(0);
    pattern.setLength(0);
    begun = false;
    globs = false;
  }

  private void append(String plain, String escaped) {
    if (text.length() + plain.length() > Variables.LONGEST) {
      text.append(Unknown.TEXT);
      pattern.append(Unknown.TEXT);
      return;
    }
    text.append(plain);
    pattern.append(escaped);
  }

  List<Field> finish() {
    next();
    return fields;
  }
}
