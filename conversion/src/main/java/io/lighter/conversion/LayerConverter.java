package io.lighter.conversion;

import io.lighter.conversion.gzip.GzipEncoders;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Rewrites layers as eStargz, in one streaming pass and without temporary files, and lays out anew
 * what it wrote for files that are to be prefetched.
 *
 * <p>The tar that comes out has the source's header blocks and payloads byte for byte and in order;
 * a landmark comes in front of them, the TOC behind, and the end of the archive behind that.
 * Entries that an earlier conversion added, and whatever follows the source's end of archive, are
 * left out. A gzip member begins at the payload of every file and at every chunk of it. In a layer
 * that is laid out for a {@link Prefetch} list the files on it come first, and then the landmark.
 *
 * <p>Immutable and thread-safe; conversions that run at the same time share nothing but the
 * executor.
 */
public final class LayerConverter {

  /** Most bytes of a file in one member, the reference's default. */
  public static final int CHUNK_SIZE = 4 << 20;

  private final GzipEncoders encoders;
  private final ConversionLimits limits;
  private final Executor executor;
  private final int threads;
  private final int chunkSize;
  private final int minChunkSize;

  /**
   * A converter.
   *
   * @param encoders what to compress with
   * @param limits what to refuse
   * @param executor platform threads that compress; not used if {@code threads} is 1
   * @param threads how many of them one conversion keeps busy, besides the calling thread
   */
  public LayerConverter(
      GzipEncoders encoders, ConversionLimits limits, Executor executor, int threads) {
    this(encoders, limits, executor, threads, CHUNK_SIZE, 0);
  }

  LayerConverter(
      GzipEncoders encoders,
      ConversionLimits limits,
      Executor executor,
      int threads,
      int chunkSize) {
    this(encoders, limits, executor, threads, chunkSize, 0);
  }

  private LayerConverter(
      GzipEncoders encoders,
      ConversionLimits limits,
      Executor executor,
      int threads,
      int chunkSize,
      int minChunkSize) {
    if (threads < 1 || chunkSize < 1) {
      throw new IllegalArgumentException(
          "threads and chunk size must be at least 1, not %d and %d".formatted(threads, chunkSize));
    }
    this.encoders = encoders;
    this.limits = limits;
    this.executor = executor;
    this.threads = threads;
    this.chunkSize = chunkSize;
    this.minChunkSize = minChunkSize;
  }

  /**
   * The same, but a gzip member that has fewer than this many uncompressed bytes takes another
   * file. Blobs of small files become smaller, and whoever reads one file fetches its neighbours
   * with it. Clients from 2023 on read such blobs.
   *
   * @param bytes from 0, which gives each file its own member, to {@link #CHUNK_SIZE}
   */
  public LayerConverter withMinChunkSize(int bytes) {
    if (bytes < 0 || bytes > CHUNK_SIZE) {
      throw new IllegalArgumentException(
          "a minimal chunk size is from 0 to %d bytes, not %d".formatted(CHUNK_SIZE, bytes));
    }
    return new LayerConverter(encoders, limits, executor, threads, chunkSize, bytes);
  }

  /** Key under which results without prefetched files are to be kept. */
  public Recipe recipe() {
    return Recipe.of(encoders, chunkSize, minChunkSize);
  }

  /**
   * Bytes of memory for buffers that one conversion, or laying out one layer, needs at most,
   * without what limits bound.
   */
  public long bufferBound() {
    return MemberPipeline.memoryBound(threads, chunkSize)
        + MemberReader.memoryBound(MemberPipeline.longestMember(chunkSize));
  }

  /**
   * Converts a layer. Blocks for as long as it takes; an interrupt ends it.
   *
   * @param source the layer's blob: gzip, zstd or plain tar; read to its end, not closed
   * @param out takes the eStargz blob, which is worthless unless this method returns; not closed
   * @throws IOException if the source cannot be read or the result not be written
   * @throws UnconvertibleLayerException if the layer cannot be represented faithfully
   * @throws LayerTooLargeException if the layer is beyond the limits
   */
  public ConvertedLayer convert(InputStream source, OutputStream out) throws IOException {
    try (var layer = new LayerSource(source, limits);
        EStargzWriter writer = writer(out)) {
      var splitter = new TarSplitter(layer, limits);
      var paths = new LayerPaths(limits);
      writer.landmark(LayerPaths.NO_PREFETCH_LANDMARK);
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        if (LayerPaths.reserved(entry)) {
          EarlierConversion.skip(entry, splitter);
        } else {
          // The landmark has number 0 in the TOC.
          paths.admit(entry).ifPresent(ordinal -> writer.leaveOut(ordinal + 1));
          writer.add(entry, splitter::read, MemberPipeline.NOWHERE);
        }
      }
      layer.drain();
      return writer.finish(
          new ConvertedLayer.Source(layer.digest(), paths.admitted(), paths.impliedDirectories()),
          Prefetched.NONE);
    }
  }

  /**
   * Looks at a layer that is eStargz to learn what of a list it has, before it is laid out for it
   * with {@link LayerLayout#write}. Reads it once. Blocks; an interrupt ends it.
   *
   * @param blob stays as it is until the layer is written
   * @param size its length in bytes
   * @throws IOException if the blob cannot be read
   * @throws UnconvertibleLayerException if it is damaged, or cannot be represented faithfully
   * @throws LayerTooLargeException if it is beyond the limits, or the list's patterns are for it
   */
  public LayerLayout layout(BlobView blob, long size, Prefetch prefetch) throws IOException {
    return LayerLayout.read(this, blob, size, prefetch);
  }

  /**
   * Compares all that the TOC of a blob says with its tar, because nobody vouches for it. Reads the
   * blob once. Blocks.
   *
   * @param size length of the blob
   * @param content what {@link EStargz#inspect} found in it
   * @return what the blob uncompresses to
   * @throws IOException if the blob cannot be read, or the thread was interrupted
   * @throws UnconvertibleLayerException if a client that mounts it gets something else than one
   *     that unpacks it, or it is damaged
   * @throws LayerTooLargeException if it is beyond the limits
   */
  public EStargz.Uncompressed verify(BlobView blob, long size, EStargz content) throws IOException {
    var members = new MemberMap(2 * limits.maxEntries());
    // Who packs small files by their compressed length may put a whole chunk behind them.
    int longest = 2 * MemberPipeline.longestMember(chunkSize);
    long end = content.tocOffset();
    try (var reader =
        new MemberReader(blob, end, members, encoders.openDecoder(), longest, limits)) {
      return new TocComparison(blob, size, content, members, reader, limits).run();
    }
  }

  ConversionLimits limits() {
    return limits;
  }

  /**
   * A reader of a blob with members that a conversion of these sizes can have written.
   *
   * @param end where in the blob to stop
   * @param members those that are known, from the first on
   */
  MemberReader reader(BlobView blob, long end, MemberMap members) {
    int longest = MemberPipeline.longestMember(chunkSize);
    return new MemberReader(blob, end, members, encoders.openDecoder(), longest, limits);
  }

  EStargzWriter writer(OutputStream out) throws IOException {
    return writer(out, MemberBatch.Packed.NONE);
  }

  /**
   * Begins a blob.
   *
   * @param source members that may be copied into it
   */
  EStargzWriter writer(OutputStream out, MemberBatch.Packed source) throws IOException {
    var pipeline =
        new MemberPipeline(out, encoders, executor, threads, chunkSize, minChunkSize, source);
    return new EStargzWriter(pipeline, out, chunkSize);
  }
}
