package io.lighter.bench.work;

import io.lighter.bench.load.BenchException;

/** How much of a blob one request asks for. */
public sealed interface Portion {

  /** All of it, without a Range header. */
  record Whole() implements Portion {
    @Override
    public String toString() {
      return "whole";
    }
  }

  /**
   * Ranges of one size.
   *
   * @param size of each
   * @param count how many in a request
   */
  record Ranges(ByteSize size, int count) implements Portion {
    /** No server takes more in one request, and few take as many. */
    private static final int MOST = 1024;

    public Ranges {
      if (count < 1 || count > MOST) {
        throw new BenchException(
            "%d ranges in a request are not allowed; allowed: 1 to %d".formatted(count, MOST));
      }
    }

    @Override
    public String toString() {
      return count == 1 ? size.toString() : count + "x" + size;
    }
  }

  /**
   * Understands {@code whole}, {@code SIZE} and {@code COUNTxSIZE}.
   *
   * @param count how many ranges a request has if the text says nothing about it
   * @throws BenchException if it is something else
   */
  static Portion parse(String text, int count) {
    if (text.equals("whole")) {
      return new Whole();
    }
    int cross = text.indexOf('x');
    if (cross < 0) {
      return new Ranges(ByteSize.parse(text), count);
    }
    try {
      return new Ranges(
          ByteSize.parse(text.substring(cross + 1)), Integer.parseInt(text, 0, cross, 10));
    } catch (NumberFormatException e) {
      throw new BenchException(
          "\"%s\" is not allowed; allowed: whole, SIZE and COUNTxSIZE".formatted(text), e);
    }
  }
}
