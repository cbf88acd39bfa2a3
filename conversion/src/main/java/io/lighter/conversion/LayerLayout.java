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
 * <p>The blob is read twice. Each time every gzip member is compared with the CRC-32 and the length
 * that it ends with, before the first of its bytes is used: a blob that has rotted is refused. The
 * old TOC is not believed; digests in the new one are of the bytes that were read. Takes memory as
 * a conversion does, and 20 bytes more for each member. Not thread-safe.
 */
public final class LayerLayout {

  private final LayerConverter converter;
  private final BlobView blob;
  private final long end;
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
      long end,
      MemberMap members,
      LayerIndex index,
      PrefetchPlan plan) {
    this.converter = converter;
    this.blob = blob;
    this.end = end;
    this.members = members;
    this.index = index;
    this.plan = plan;
  }

  static LayerLayout read(LayerConverter converter, BlobView blob, long size, Prefetch prefetch)
      throws IOException {
    long end = Footer.read(blob, size).orElseThrow(LayerLayout::notEStargz).tocOffset();
    var index = new LayerIndex(prefetch.list(), converter.limits());
    var members = new MemberMap(2 * converter.limits().maxEntries());
    try (MemberReader reader = converter.reader(blob, end, members)) {
      var splitter = new TarSplitter(reader, converter.limits());
      long start = 0;
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        if (LayerPaths.reserved(entry)) {
          EarlierConversion.skip(entry, splitter);
        } else {
          index.add(entry, start);
          reader.skip(entry.size() + entry.padding());
        }
        start = reader.position();
      }
    }
    PrefetchPlan plan = PrefetchPlan.of(index, prefetch.maxBytes());
    return new LayerLayout(converter, blob, end, members, index, plan);
  }

  private static UnconvertibleLayerException notEStargz() {
    return new UnconvertibleLayerException("the layer is not eStargz with its TOC at the end");
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

  /**
   * Writes the layer anew. Blocks for as long as it takes; an interrupt ends it.
   *
   * @param sourceDiffId digest of the uncompressed original, to be handed on: the blob's own if no
   *     conversion made it
   * @param out takes the eStargz blob, which is worthless unless this method returns; not closed
   * @throws IOException if the blob cannot be read or the result not be written
   * @throws UnconvertibleLayerException if the blob is damaged
   */
  public Result write(Digest sourceDiffId, OutputStream out) throws IOException {
    try (MemberReader reader = converter.reader(blob, end, members);
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
