package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits texts into arguments as Java's launcher does: of variables, and of files that arguments
 * beginning with {@code @} name (the {@code java} command, "java Command-Line Argument Files").
 */
final class ArgumentFiles {

  /** More arguments than any command line has. */
  private static final int MAX_ARGUMENTS = 10_000;

  private static final int MAX_LENGTH = 1 << 20;

  private ArgumentFiles() {}

  /** The command line with what its argument files hold in their places. */
  static List<String> expanded(List<String> arguments, Start start) {
    var all = new ArrayList<String>();
    boolean expands = true;
    for (String argument : arguments) {
      start.checkpoint();
      expands &= !argument.equals("--disable-@files");
      if (!expands || !argument.startsWith("@") || argument.length() == 1) {
        all.add(argument);
      } else if (argument.startsWith("@@")) {
        all.add(argument.substring(1));
      } else {
        start
            .reads(argument.substring(1), Reason.certain("arguments of java"))
            .ifPresentOrElse(
                file -> all.addAll(words(start.text(file, MAX_LENGTH))),
                () -> start.unresolved(argument, "there is no such file of arguments"));
      }
      if (all.size() > MAX_ARGUMENTS) {
        return all.subList(0, MAX_ARGUMENTS);
      }
    }
    return all;
  }

  /** Words between blanks; quotes keep blanks, a backslash in quotes the next character. */
  static List<String> words(String text) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < text.length() && words.size() < MAX_ARGUMENTS; i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (c == '\\' && i + 1 < text.length()) {
          i++;
          boolean continues = text.charAt(i) == '\n';
          word.append(continues ? "" : text.charAt(i));
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        inWord = true;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        if (inWord) {
          words.add(word.toString());
          word.setLength(0);
        }
        inWord = false;
      } else if (c == '#' && !inWord) {
        int end = text.indexOf('\n', i);
        i = end < 0 ? text.length() : end;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }
}
