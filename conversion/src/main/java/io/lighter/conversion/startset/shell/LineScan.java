package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Guesses the programs of a script that cannot be parsed: what lines begin with and exists. */
final class LineScan {

  private static final int MAX_LINES = 2_000;

  private static final Set<String> IN_FRONT =
      Set.of("exec", "if", "then", "else", "elif", "do", "while", "until", "!", "{", "(", "time");

  private final Start start;

  LineScan(Start start) {
    this.start = start;
  }

  void follow(String text, String script) {
    var reason = Reason.possible("a line of %s begins with it".formatted(script));
    text.lines()
        .limit(MAX_LINES)
        .forEach(line -> {
          start.checkpoint();
          List<String> words = words(line);
          if (!words.isEmpty() && start.which(words.getFirst()).isPresent()) {
            start.execute(words, reason);
          }
        });
  }

  /** Words of a line without what shells make something of, up to an operator. */
  private static List<String> words(String line) {
    var words = new ArrayList<String>();
    for (String word : line.strip().split("[ \t]+", -1)) {
      if (words.isEmpty() && IN_FRONT.contains(word)) {
        continue;
      }
      if (word.startsWith("#") || "|&;<>".indexOf(word.isEmpty() ? '#' : word.charAt(0)) >= 0) {
        break;
      }
      String clean = word.replaceAll("[\"';]", "");
      boolean plain = clean.chars().noneMatch(c -> "$`*?(){}|&<>\\".indexOf(c) >= 0);
      if (plain && !clean.isEmpty()) {
        words.add(clean);
      } else if (words.isEmpty()) {
        break;
      }
    }
    return words;
  }
}
