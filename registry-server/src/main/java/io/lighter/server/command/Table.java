package io.lighter.server.command;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns as wide as they need to be. Not thread-safe. */
final class Table {
  private static final String GAP = "  ";

  private final List<String> heads;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * A table without rows.
   *
   * @param heads names of the columns; one that begins with {@code >} is aligned to the right
   */
  Table(String... heads) {
    this.heads = List.of(heads);
  }

  void add(String... cells) {
    if (cells.length != heads.size()) {
      throw new IllegalArgumentException(
          "a row has %d cells, not %d".formatted(heads.size(), cells.length));
    }
    rows.add(List.of(cells));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The table, a line for each row, without an end of the last line. */
  String text() {
    var lines = new ArrayList<String>();
    lines.add(
        line(heads.stream().map(head -> head.startsWith(">") ? head.substring(1) : head).toList()));
    rows.forEach(row -> lines.add(line(row)));
    return String.join(System.lineSeparator(), lines);
  }

  private String line(List<String> cells) {
    var line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String space = " ".repeat(width(i) - cells.get(i).length());
      line.append(i == 0 ? "" : GAP);
      line.append(heads.get(i).startsWith(">") ? space + cells.get(i) : cells.get(i) + space);
    }
    return line.toString().stripTrailing();
  }

  private int width(int column) {
    int width = heads.get(column).length() - (heads.get(column).startsWith(">") ? 1 : 0);
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }
}
