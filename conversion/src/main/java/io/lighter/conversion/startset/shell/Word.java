package io.lighter.conversion.startset.shell;

import java.util.List;
import java.util.Optional;

/**
 * A word as it stands in a script, before anything is put in for its parameters.
 *
 * @param parts in their order; none for nothing between two quotes is a quoted empty text
 */
record Word(List<Part> parts) {

  static final Word EMPTY = new Word(List.of());

  Word {
    parts = List.copyOf(parts);
  }

  static Word of(String text) {
    return new Word(List.of(new Text(text, false)));
  }

  /** The text of a word that has no quotes and nothing to be put in. */
  Optional<String> plain() {
    return parts.size() == 1
            && parts.getFirst() instanceof Text(String text, boolean quoted)
            && !quoted
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Whether a part of it is quoted. */
  boolean isQuoted() {
    return parts.stream().anyMatch(Part::quoted);
  }

  /** A part of a word. */
  sealed interface Part {
    /** Whether it stays one word whatever is in it. */
    boolean quoted();
  }

  record Text(String text, boolean quoted) implements Part {}

  /**
   * What begins with a dollar and a name.
   *
   * @param name a variable, a digit or a sign
   * @param subscript of an array; empty without
   * @param prefix {@code #} for the length, {@code !} for the variable named by it, or nothing
   * @param operator {@code :-}, {@code #}, …; empty without
   * @param argument what follows the operator
   * @param second what follows the second slash or colon
   */
  record Parameter(
      String name,
      String subscript,
      String prefix,
      String operator,
      Word argument,
      Word second,
      boolean quoted)
      implements Part {}

  record Substitution(Command command, boolean quoted) implements Part {}

  /** {@code <(command)} or {@code >(command)}. */
  record Pipe(Command command, boolean input) implements Part {
    @Override
    public boolean quoted() {
      return true;
    }
  }

  record Arithmetic(Word expression, boolean quoted) implements Part {}

  /** {@code name=(words)}, alone in its word. */
  record Elements(String name, boolean append, List<Word> words) implements Part {

    Elements {
      words = List.copyOf(words);
    }

    @Override
    public boolean quoted() {
      return false;
    }
  }
}
