package io.lighter.conversion;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TOC by paths, as lazy clients read it. They take the end of a chunk to be where the next chunk
 * of the TOC begins, so its order counts as well. Not thread-safe.
 */
final class TocTable {

  private final Map<String, Row> rows = new HashMap<>();

  /**
   * What the TOC says of one path.
   *
   * @param entry the entry itself
   * @param chunks of the file's bytes, in order and without gaps: the entry itself and those that
   *     follow it; empty for what has none
   */
  record Row(TocEntry entry, List<TocEntry> chunks) {

    /** Length of a chunk of this row. */
    long length(TocEntry chunk) {
      return chunk.chunkSize() == 0 ? entry.size() - chunk.chunkOffset() : chunk.chunkSize();
    }

    private boolean isWhole() {
      long at = 0;
      for (TocEntry chunk : chunks) {
        long length = length(chunk);
        if (chunk.chunkOffset() != at || length <= 0 || length > entry.size() - at) {
          return false;
        }
        at += length;
      }
      return at == entry.size();
    }
  }

  /**
   * Sorts a TOC.
   *
   * @throws UnconvertibleLayerException if it cannot be right, whatever the tar is
   */
  TocTable(Toc toc) {
    long lastOffset = 0;
    Optional<Row> open = Optional.empty();
    for (TocEntry entry : toc.entries()) {
      String path = entry.path();
      if (entry.type().equals("chunk")) {
        open.filter(row -> row.entry().path().equals(path) && !row.chunks().isEmpty())
            .orElseThrow(() -> wrong(path, "has a chunk that does not follow its file"))
            .chunks()
            .add(entry);
      } else {
        open.ifPresent(TocTable::check);
        var row = new Row(entry, new ArrayList<>(1));
        if (entry.hasData()) {
          row.chunks().add(entry);
        }
        if (rows.put(path, row) != null) {
          throw wrong(path, "is there twice");
        }
        open = Optional.of(row);
      }
      if (entry.hasData() ? entry.offset() < lastOffset : entry.offset() != 0) {
        throw wrong(path, "has an offset out of order");
      }
      lastOffset = Math.max(lastOffset, entry.offset());
    }
    open.ifPresent(TocTable::check);
  }

  private static void check(Row row) {
    if (!row.isWhole()) {
      throw wrong(row.entry().path(), "has chunks that are not the whole file");
    }
  }

  /** What is said of a path. */
  Optional<Row> row(String path) {
    return Optional.ofNullable(rows.get(path));
  }

  /** All paths, in no order. */
  Iterable<String> paths() {
    return rows.keySet();
  }

  /** A difference between a TOC and what it should say. */
  static UnconvertibleLayerException wrong(String path, String what) {
    return new UnconvertibleLayerException(
        "in the table of contents, %s %s".formatted(UnconvertibleLayerException.quote(path), what));
  }
}
