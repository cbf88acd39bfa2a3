package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.shell.Word.Part;
import io.lighter.conversion.startset.shell.Word.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code name=value}, {@code name+=value}, {@code name=(…)} or, of which only the name is kept,
 * {@code name[i]=value}.
 *
 * @param element whether it is for one element of an array
 * @param value what stands behind the sign; empty for several
 */
record Assignment(
    String name, boolean append, boolean element, Word value, Optional<List<Word>> several) {

  static boolean is(Word word) {
    return of(word).isPresent();
  }

  static Optional<Assignment> of(Word word) {
    if (word.parts().isEmpty()) {
      return Optional.empty();
    }
    Part first = word.parts().getFirst();
    if (first instanceof Word.Elements(String name, boolean append, List<Word> words)) {
      return Optional.of(new Assignment(name, append, false, Word.EMPTY, Optional.of(words)));
    }
    if (!(first instanceof Text(String text, boolean quoted)) || quoted) {
      return Optional.empty();
    }
    int equals = text.indexOf('=');
    int end = 0;
    while (end < text.length() && Source.isName(text.charAt(end), end == 0)) {
      end++;
    }
    boolean element = end < text.length() && text.charAt(end) == '[';
    boolean append = equals > 0 && text.charAt(equals - 1) == '+';
    boolean plain = equals == end || (append && equals == end + 1);
    if (end == 0 || equals < 0 || (!element && !plain)) {
      return Optional.empty();
    }
    var value = new ArrayList<Part>();
    if (equals + 1 < text.length()) {
      value.add(new Text(text.substring(equals + 1), false));
    }
    value.addAll(word.parts().subList(1, word.parts().size()));
    return Optional.of(
        new Assignment(text.substring(0, end), append, element, new Word(value), Optional.empty()));
  }
}
