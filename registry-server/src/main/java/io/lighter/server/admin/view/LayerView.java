package io.lighter.server.admin.view;

import io.lighter.conversion.LayerFiles;
import io.lighter.server.admin.AdminRequest;
import io.lighter.server.admin.AdminView;
import io.lighter.server.heat.BlobHeat;
import io.lighter.server.heat.BlobReads;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * {@code GET /admin/layer?digest=DIGEST}: which stretches of a layer nodes asked for. What was
 * counted is forgotten at a restart.
 */
public final class LayerView implements AdminView {
  private final LayerContents contents;
  private final BlobReads reads;

  public LayerView(LayerContents contents, BlobReads reads) {
    this.contents = contents;
    this.reads = reads;
  }

  @Override
  public String name() {
    return "layer";
  }

  @Override
  public Set<String> parameters() {
    return Set.of("digest");
  }

  @Override
  public Record read(AdminRequest request) {
    LayerContents.Layer layer = contents.layer(request);
    return new Document(
        layer.digest().toString(),
        layer.size(),
        layer.files().isPresent(),
        layer.files().map(LayerFiles::tocOffset).orElse(layer.size()),
        layer.files().map(of -> of.files().size()).orElse(0),
        layer.files().map(LayerFiles::complete).orElse(true),
        reads.of(layer.digest()).map(Heat::of));
  }

  /**
   * A layer.
   *
   * @param lazy whether it has a table of contents
   * @param tocOffset where that begins; the size of the layer if it has none
   * @param files how many have bytes, as far as they are shown
   * @param complete whether that is all of them
   * @param heat what was asked for; none if no range was
   */
  private record Document(
      String digest,
      long size,
      boolean lazy,
      long tocOffset,
      int files,
      boolean complete,
      Optional<Heat> heat) {}

  /** As {@link BlobHeat.Snapshot}. */
  @SuppressWarnings("ArrayRecordComponent") // Written once, never compared.
  private record Heat(Instant since, long stretch, long[] counts, long ranges, long bytes) {
    static Heat of(BlobHeat.Snapshot seen) {
      return new Heat(seen.since(), seen.stretch(), seen.counts(), seen.ranges(), seen.bytes());
    }
  }
}
