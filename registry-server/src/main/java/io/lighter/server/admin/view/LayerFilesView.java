package io.lighter.server.admin.view;

import io.lighter.conversion.LayerFiles;
import io.lighter.server.admin.AdminException;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.heat.BlobHeat;
import io.lighter.server.heat.BlobReads;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code GET /admin/layer-files?digest=DIGEST&sort=offset|asked|size&from=N&limit=N}: the files of
 * a lazy layer, and how often the stretches that they lie in were asked for. A file that shares a
 * stretch with one that is read counts as read: that is how exact the counters are.
 */
public final class LayerFilesView implements AdminView {
  private static final int LIMIT = 500;
  private static final int MOST = 5000;

  private final LayerContents contents;
  private final BlobReads reads;

  public LayerFilesView(LayerContents contents, BlobReads reads) {
    this.contents = contents;
    this.reads = reads;
  }

  @Override
  public String name() {
    return "layer-files";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("digest", "sort", "from", "limit");
  }

  @Override
  public Record read(AdminRequest request) {
    int limit = request.number("limit", LIMIT, MOST);
    int from = request.number("from", 1, LayerContents.MOST_FILES) - 1;
    Optional<Comparator<Entry>> order = order(request.text("sort").orElse("offset"));
    LayerContents.Layer layer = contents.layer(request);
    List<LayerFiles.File> files = layer.files().map(LayerFiles::files).orElse(List.of());
    Optional<BlobHeat.Snapshot> heat = reads.of(layer.digest());
    Stream<Entry> entries = files.stream().map(file -> entry(file, heat));
    List<Entry> page = order.map(entries::sorted).orElse(entries).skip(from).limit(limit).toList();
    int next = from + page.size();
    return new Document(
        layer.digest().toString(), files.size(), page, next < files.size() ? next + 1 : 0);
  }

  /** Empty for the order that they have. */
  private static Optional<Comparator<Entry>> order(String sort) {
    return switch (sort) {
      case "offset" -> Optional.empty();
      case "asked" -> Optional.of(Comparator.comparingLong(Entry::asked).reversed());
      case "size" -> Optional.of(Comparator.comparingLong(Entry::size).reversed());
      default ->
          throw new AdminException.Invalid(
              "sort: \"%s\" is not allowed; allowed: offset, asked, size".formatted(sort));
    };
  }

  private static Entry entry(LayerFiles.File file, Optional<BlobHeat.Snapshot> heat) {
    return new Entry(
        file.path(),
        file.size(),
        file.offset(),
        file.end(),
        heat.map(seen -> seen.hottest(file.offset(), file.end())).orElse(0L));
  }

  /**
   * A page.
   *
   * @param total how many files there are to be shown
   * @param next to be asked for with {@code from}; 0 at the end
   */
  private record Document(String digest, int total, List<Entry> files, int next) {}

  /**
   * A file.
   *
   * @param size uncompressed bytes
   * @param offset where it begins in the blob
   * @param end where it ends there
   * @param asked most ranges that touched one of its stretches
   */
  private record Entry(String path, long size, long offset, long end, long asked) {}
}
