package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A layer of which is known what a prefetch list has in it, and so under which recipe it is going
 * to be converted. Holds scratch space until it is closed. Not thread-safe.
 */
public final class PreparedLayer implements AutoCloseable {

  private final LayerConverter converter;
  private final LayerInput input;
  private final Spool spool;
  private final LayerIndex index;
  private final Digest sourceDiffId;
  private final PrefetchPlan plan;

  private PreparedLayer(
      LayerConverter converter,
      LayerInput input,
      Spool spool,
      LayerIndex index,
      Digest sourceDiffId,
      PrefetchPlan plan) {
    this.converter = converter;
    this.input = input;
    this.spool = spool;
    this.index = index;
    this.sourceDiffId = sourceDiffId;
    this.plan = plan;
  }

  /** Reads a layer once or, if it has hard links to files that nothing names, twice. */
  static PreparedLayer read(LayerConverter converter, LayerInput input, Prefetch prefetch)
      throws IOException {
    var spool = new Spool(prefetch.scratch());
    try {
      var index = new LayerIndex(prefetch.list(), converter.limits());
      Digest diffId =
          walk(
              converter,
              input,
              (ordinal, entry, content) -> {
                boolean likely = index.add(entry);
                if (likely && entry.length() <= prefetch.maxBytes() - spool.length()) {
                  spool.keep(ordinal, entry, content);
                } else {
                  content.skip(entry.size() + entry.padding());
                }
              });
      PrefetchPlan plan = PrefetchPlan.of(index, prefetch.maxBytes());
      Predicate<Integer> missing = ordinal -> !spool.has(ordinal);
      if (plan.order().stream().anyMatch(missing)) {
        BitSet wanted = plan.set();
        Digest again =
            walk(
                converter,
                input,
                (ordinal, entry, content) -> {
                  if (wanted.get(ordinal) && missing.test(ordinal)) {
                    spool.keep(ordinal, entry, content);
                  } else {
                    content.skip(entry.size() + entry.padding());
                  }
                });
        requireSame(diffId, again);
      }
      return new PreparedLayer(converter, input, spool, index, diffId, plan);
    } catch (IOException | RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  /** What the converted layer is going to have in front of its landmark; offsets are not known. */
  public Prefetched prefetched() {
    return plan.prefetched();
  }

  /**
   * Key under which the result is to be kept. A list that has nothing in this layer changes
   * nothing: the recipe is then that of conversions without a list, and the bytes are too.
   */
  public Recipe recipe() {
    return converter.recipe().withPrefetched(plan.order());
  }

  /** Digest of the uncompressed source. */
  public Digest sourceDiffId() {
    return sourceDiffId;
  }

  /**
   * Converts the layer; to be called once. Blocks for as long as it takes; an interrupt ends it.
   *
   * @param out takes the eStargz blob, which is worthless unless this method returns; not closed
   * @throws IOException if the source cannot be read or the result not be written
   */
  public ConvertedLayer convert(OutputStream out) throws IOException {
    try (EStargzWriter writer = converter.writer(out)) {
      boolean prioritized = !plan.order().isEmpty();
      for (int ordinal : plan.order()) {
        var splitter = new TarSplitter(spool.open(ordinal), converter.limits());
        Optional<TarEntry> entry = splitter.next();
        add(writer, ordinal, entry.orElseThrow(), splitter);
      }
      writer.landmark(prioritized ? LayerPaths.PREFETCH_LANDMARK : LayerPaths.NO_PREFETCH_LANDMARK);
      BitSet done = plan.set();
      Digest diffId =
          walk(
              converter,
              input,
              (ordinal, entry, content) -> {
                if (done.get(ordinal)) {
                  content.skip(entry.size() + entry.padding());
                } else {
                  add(writer, ordinal, entry, content);
                }
              });
      requireSame(sourceDiffId, diffId);
      return writer.finish(
          new ConvertedLayer.Source(diffId, index.size(), index.impliedDirectories()),
          plan.prefetched());
    }
  }

  private void add(EStargzWriter writer, int ordinal, TarEntry entry, TarSplitter content)
      throws IOException {
    int number = writer.add(entry, content::read, MemberPipeline.NOWHERE);
    if (index.isReplaced(ordinal)) {
      writer.leaveOut(number);
    }
  }

  @FunctionalInterface
  private interface Visitor {
    /** Reads the entry's payload and padding to their end. */
    void visit(int ordinal, TarEntry entry, TarSplitter content) throws IOException;
  }

  /** Reads the layer to its end and returns the digest of its uncompressed bytes. */
  private static Digest walk(LayerConverter converter, LayerInput input, Visitor visitor)
      throws IOException {
    try (InputStream blob = input.open();
        var source = new LayerSource(blob, converter.limits())) {
      var splitter = new TarSplitter(source, converter.limits());
      int ordinal = 0;
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        if (LayerPaths.reserved(entry)) {
          EarlierConversion.skip(entry, splitter);
        } else {
          visitor.visit(ordinal++, entry, splitter);
        }
      }
      source.drain();
      return source.digest();
    }
  }

  private static void requireSame(Digest first, Digest later) throws IOException {
    if (!first.equals(later)) {
      throw new IOException(
          "the layer changed while it was converted: it was %s, then %s".formatted(first, later));
    }
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
