package io.lighter.conversion.startset.shell;

/** What commands write to their standard output, as far as it is known. */
final class Output {

  static final int LONGEST = 64 << 10;

  private final StringBuilder text = new StringBuilder();

  void write(String more) {
    if (text.length() + more.length() <= LONGEST) {
      text.append(more);
    } else {
      unknown();
    }
  }

  void unknown() {
    if (text.lastIndexOf(Unknown.TEXT) != text.length() - 1 || text.isEmpty()) {
      text.append(Unknown.TEXT);
    }
  }

  String text() {
    return text.toString();
  }

  /** The text as the shell puts it in for a command. */
  String substituted() {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == '\n') {
      end--;
    }
    return text.substring(0, end);
  }
}
