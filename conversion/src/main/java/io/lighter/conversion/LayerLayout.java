package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.BitSet;
import java.util.Optional;

/**
 * A layer that is eStargz, and of which is known what a prefetch list has in it: it can be written
 * again with these files in front.
 *
 * <p>What comes out has the bytes that a conversion of the original with this order would have, if
 * the blob is the converter's own, of the same encoder and sizes. Most of it is copied: a gzip
 * member holds a payload and what follows it up to the next payload, and where both stand together
 * again, so does the member. What is left is compressed again. Of a blob that other encoders or
 * sizes made the members that fit are copied as they are; the result unpacks to the same.
 *
 * <p>The blob is read twice, and what is moved a third time. Both times every member is compared
 * with its checksum, and the first time all of the uncompressed blob is hashed, for {@link
 * #diffId}; digests in the new TOC are of the bytes that were read, not those of the old one. Takes
 * memory as a conversion does, and 20 bytes more for each member. Not thread-safe.
 */
public final class LayerLayout {

  private final LayerConverter converter;
  private final BlobView blob;
  private final long size;
  private final Digest diffId;
  private final MemberMap members;
  private final LayerIndex index;
  private final PrefetchPlan plan;

  /**
   * A layer that was laid out.
   *
   * @param layer what came of it
   * @param copied uncompressed bytes of the gzip members that were copied
   * @param compressed uncompressed bytes of those that were compressed; without the TOC
   */
  public record Result(ConvertedLayer layer, long copied, long compressed) {}

  private LayerLayout(
      LayerConverter converter,
      BlobView blob,
      long size,
      Digest diffId,
      MemberMap members,
      LayerIndex index,
      PrefetchPlan plan) {
    this.converter = converter;
    this.blob = blob;
    this.size = size;
    this.diffId = diffId;
    this.members = members;
    this.index = index;
    this.plan = plan;
  }

  static LayerLayout read(LayerConverter converter, BlobView blob, long size, Prefetch prefetch)
      throws IOException {
    var index = new LayerIndex(prefetch.list(), converter.limits());
    try (var scan = new MemberScan(blob, size, converter.limits())) {
      var splitter = new TarSplitter(scan, converter.limits());
      long start = 0;
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        if (LayerPaths.reserved(entry)) {
          EarlierConversion.skip(entry, splitter);
        } else {
          index.add(entry, start);
          splitter.skip(entry.size() + entry.padding());
        }
        start = scan.position();
      }
      scan.drain();
      PrefetchPlan plan = PrefetchPlan.of(index, prefetch.maxBytes());
      return new LayerLayout(converter, blob, size, scan.digest(), scan.members(), index, plan);
    }
  }

  /** What the layer is going to have in front of its landmark; offsets are not known. */
  public Prefetched prefetched() {
    return plan.prefetched();
  }

  /**
   * Whether anything would come in front of the landmark. If not, there is no use in laying the
   * layer out: it would be what a conversion without a list makes of it.
   */
  public boolean isEmpty() {
    return plan.order().isEmpty();
  }

  /**
   * Key under which the result is to be kept, together with the original. Without anything in front
   * it is that of conversions without a list.
   */
  public Recipe recipe() {
    return converter.recipe().withPrefetched(plan.order());
  }

  /** Digest of the uncompressed blob, as it was read. */
  public Digest diffId() {
    return diffId;
  }

  /**
   * Writes the layer anew. Blocks for as long as it takes; an interrupt ends it.
   *
   * @param sourceDiffId of the original, to be handed on: {@link #diffId} if the blob is no
   *     conversion's
   * @param out takes the eStargz blob, which is worthless unless this method returns; not closed
   * @throws IOException if the blob cannot be read or the result not be written
   * @throws UnconvertibleLayerException if the blob is damaged
   * @throws LayerTooLargeException if a gzip member is longer than two that a conversion writes
   */
  public Result write(Digest sourceDiffId, OutputStream out) throws IOException {
    try (var reader = new MemberReader(blob, size, members, converter.longestMember());
        EStargzWriter writer = converter.writer(out, reader::lastRead)) {
      var splitter = new TarSplitter(reader, converter.limits());
      for (int ordinal : plan.order()) {
        reader.seek(index.position(ordinal));
        add(writer, ordinal, entry(splitter), splitter);
      }
      writer.landmark(isEmpty() ? LayerPaths.NO_PREFETCH_LANDMARK : LayerPaths.PREFETCH_LANDMARK);
      BitSet done = plan.set();
      for (int ordinal = 0; ordinal < index.size(); ordinal++) {
        if (!done.get(ordinal)) {
          reader.seek(index.position(ordinal));
          add(writer, ordinal, entry(splitter), splitter);
        }
      }
      ConvertedLayer layer =
          writer.finish(
              new ConvertedLayer.Source(sourceDiffId, index.size(), index.impliedDirectories()),
              plan.prefetched());
      return new Result(layer, writer.copied(), writer.compressed());
    }
  }

  private static TarEntry entry(TarSplitter splitter) throws IOException {
    return splitter
        .next()
        .orElseThrow(() -> new IOException("the layer changed while it was laid out"));
  }

  private void add(EStargzWriter writer, int ordinal, TarEntry entry, TarSplitter content)
      throws IOException {
    if (entry.length() != index.length(ordinal)) {
      throw new IOException("the layer changed while it was laid out");
    }
    int number = writer.add(entry, content::read, index.position(ordinal));
    if (index.isReplaced(ordinal)) {
      writer.leaveOut(number);
    }
  }
}
