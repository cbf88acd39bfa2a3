package io.lighter.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Columns of text: the first to the left, the others to the right. */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final int leftColumns;

  /**
   * A table with a heading.
   *
   * @param leftColumns how many columns, from the first, hold words
   */
  public TextTable(int leftColumns, String... heading) {
    this.leftColumns = leftColumns;
    rows.add(List.of(heading));
  }

  /** Adds a line, of as many cells as the heading. */
  public void add(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  /** A number with three significant digits, or whole if it is longer. */
  public static String number(double value) {
    double size = Math.abs(value);
    int digits = 0;
    if (size < 1) {
      digits = 3;
    } else if (size < 10) {
      digits = 2;
    } else if (size < 100) {
      digits = 1;
    }
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** All lines. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        String cell = row.get(column);
        String padding = " ".repeat(width(column) - cell.length());
        line.append(column == 0 ? "" : "  ");
        line.append(column < leftColumns ? cell + padding : padding + cell);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
