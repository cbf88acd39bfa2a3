package io.lighter.conversion;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A path in which {@code *}, {@code ?}, {@code [a-z]}, {@code [!a-z]} stand for characters other
 * than the slash, {@code **} for any characters and {@code **}{@code /} for any number of
 * directories, none included. A backslash takes the meaning from the next character; a bracket that
 * is not closed has none.
 *
 * <p>Lists of patterns come with images, so from anybody: matching takes time proportional to the
 * lengths of pattern and path, whatever they are. Immutable.
 */
final class PathPattern {

  private enum Kind {
    /** One of some characters. */
    ONE_OF,
    /** One that is none of some characters. */
    NONE_OF,
    /** Any number of characters within a component. */
    RUN,
    /** Any number of characters. */
    ALL,
    /** The beginning of a component in front of which any number of others may be skipped. */
    DIRECTORIES,
    /** Within a component that is skipped; follows {@link #DIRECTORIES}. */
    SKIPPED
  }

  /** Code points from a first to a last. */
  private record Range(int first, int last) {
    boolean has(int c) {
      return first <= c && c <= last;
    }
  }

  /**
   * A part of a pattern. Characters are code points: some letters take two of Java's.
   *
   * @param set characters of {@link Kind#ONE_OF} and {@link Kind#NONE_OF}
   */
  private record Token(Kind kind, List<Range> set) {
    Token(Kind kind) {
      this(kind, List.of());
    }

    boolean takes(int c) {
      return kind == Kind.ONE_OF ? isAmong(c) : !isAmong(c) && c != '/';
    }

    private boolean isAmong(int c) {
      for (Range range : set) {
        if (range.has(c)) {
          return true;
        }
      }
      return false;
    }
  }

  private final String text;
  private final String prefix;
  private final List<Token> tokens;

  /**
   * A pattern.
   *
   * @param text clean as the paths that it is compared with: no slash in front, no empty component
   */
  PathPattern(String text) {
    this.text = text;
    this.tokens = parse(text);
    var literal = new StringBuilder();
    for (Token token : tokens) {
      if (token.kind() != Kind.ONE_OF || token.set().size() != 1 || isRange(token)) {
        break;
      }
      literal.appendCodePoint(token.set().getFirst().first());
    }
    this.prefix = literal.toString();
  }

  /** Whether a text is more than a path. */
  static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  /** Whether a clean path fits, or is what the pattern looks like. */
  boolean matches(String path, PatternSteps steps) {
    // coreutils have a program of the name "[".
    return path.equals(text) || (path.startsWith(prefix) && simulate(path, steps));
  }

  @Override
  public String toString() {
    return text;
  }

  private boolean simulate(String path, PatternSteps steps) {
    long taken = 0;
    var states = new BitSet(tokens.size() + 1);
    enter(states, 0);
    for (int i = 0, c; i < path.length() && !states.isEmpty(); i += Character.charCount(c)) {
      c = path.codePointAt(i);
      var next = new BitSet(tokens.size() + 1);
      for (int s = states.nextSetBit(0);
          s >= 0 && s < tokens.size();
          s = states.nextSetBit(s + 1)) {
        step(s, c, next);
        taken++;
      }
      states = next;
    }
    steps.take(taken);
    return states.get(tokens.size());
  }

  private void step(int state, int c, BitSet next) {
    Token token = tokens.get(state);
    switch (token.kind()) {
      case ONE_OF, NONE_OF -> {
        if (token.takes(c)) {
          enter(next, state + 1);
        }
      }
      case RUN -> {
        if (c != '/') {
          enter(next, state);
        }
      }
      case ALL -> enter(next, state);
      case DIRECTORIES -> {}
      case SKIPPED -> {
        next.set(state);
        if (c == '/') {
          enter(next, state + 1);
        }
      }
    }
  }

  /** Adds a state and those that are reached from it without a character. */
  private void enter(BitSet states, int state) {
    if (states.get(state) || state == tokens.size()) {
      states.set(state);
      return;
    }
    states.set(state);
    switch (tokens.get(state).kind()) {
      case RUN, ALL -> enter(states, state + 1);
      case DIRECTORIES -> {
        states.set(state + 1);
        enter(states, state + 2);
      }
      case ONE_OF, NONE_OF, SKIPPED -> {}
    }
  }

  private static boolean isRange(Token token) {
    return token.set().getFirst().first() != token.set().getFirst().last();
  }

  private static List<Token> parse(String text) {
    var tokens = new ArrayList<Token>();
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      int bracket = c == '[' ? closing(text, i) : -1;
      if (text.startsWith("**", i)) {
        i = stars(text, i, tokens);
        continue;
      }
      if (bracket > 0) {
        tokens.add(set(text.substring(i + 1, bracket)));
        i = bracket + 1;
        continue;
      }
      switch (c) {
        case '*' -> tokens.add(new Token(Kind.RUN));
        case '?' -> tokens.add(new Token(Kind.NONE_OF));
        case '\\' -> {
          if (i + 1 < text.length()) {
            i++;
          }
          c = text.codePointAt(i);
          tokens.add(one(c));
        }
        default -> tokens.add(one(c));
      }
      i += Character.charCount(c);
    }
    return List.copyOf(tokens);
  }

  private static int stars(String text, int start, List<Token> tokens) {
    int end = start;
    while (end < text.length() && text.charAt(end) == '*') {
      end++;
    }
    boolean componentStart = start == 0 || text.charAt(start - 1) == '/';
    if (componentStart && end < text.length() && text.charAt(end) == '/') {
      if (tokens.isEmpty() || tokens.getLast().kind() != Kind.SKIPPED) {
        tokens.add(new Token(Kind.DIRECTORIES));
        tokens.add(new Token(Kind.SKIPPED));
      }
      return end + 1;
    }
    tokens.add(new Token(Kind.ALL));
    return end;
  }

  private static Token one(int c) {
    return new Token(Kind.ONE_OF, List.of(new Range(c, c)));
  }

  /** Position of the bracket that closes a set; one that comes first is a member of it. */
  private static int closing(String text, int open) {
    int first = open + 1;
    if (first < text.length() && (text.charAt(first) == '!' || text.charAt(first) == '^')) {
      first++;
    }
    int close = text.indexOf(']', first + 1);
    int slash = text.indexOf('/', open);
    return slash >= 0 && slash < close ? -1 : close;
  }

  private static Token set(String members) {
    boolean negated = members.charAt(0) == '!' || members.charAt(0) == '^';
    int[] letters = members.substring(negated ? 1 : 0).codePoints().toArray();
    var set = new ArrayList<Range>();
    for (int i = 0; i < letters.length; i++) {
      boolean range = i + 2 < letters.length && letters[i + 1] == '-';
      set.add(new Range(letters[i], letters[range ? i + 2 : i]));
      i += range ? 2 : 0;
    }
    return new Token(negated ? Kind.NONE_OF : Kind.ONE_OF, List.copyOf(set));
  }
}
