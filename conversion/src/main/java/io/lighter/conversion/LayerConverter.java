package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.commons.io.output.CountingOutputStream;

/**
 * Rewrites layers as eStargz, in one streaming pass and without temporary files.
 *
 * <p>The tar that comes out has the source's header blocks and payloads byte for byte and in order;
 * a landmark comes in front of them, the TOC behind, and the end of the archive behind that.
 * Entries that an earlier conversion added, and whatever follows the source's end of archive, are
 * left out. A gzip member begins at the payload of every file and at every chunk of it.
 *
 * <p>Immutable and thread-safe; conversions that run at the same time share nothing but the
 * executor.
 */
public final class LayerConverter {

  /** Most bytes of a file in one member, the reference's default. */
  public static final int CHUNK_SIZE = 4 << 20;

  private static final byte[] LANDMARK_CONTENT = {0x0f};

  private final GzipEncoders encoders;
  private final ConversionLimits limits;
  private final Executor executor;
  private final int threads;
  private final int chunkSize;

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
    this(encoders, limits, executor, threads, CHUNK_SIZE);
  }

  LayerConverter(
      GzipEncoders encoders,
      ConversionLimits limits,
      Executor executor,
      int threads,
      int chunkSize) {
    if (threads < 1 || chunkSize < 1) {
      throw new IllegalArgumentException(
          "threads and chunk size must be at least 1, not %d and %d".formatted(threads, chunkSize));
    }
    this.encoders = encoders;
    this.limits = limits;
    this.executor = executor;
    this.threads = threads;
    this.chunkSize = chunkSize;
  }

  /** Key under which results are to be kept. */
  public Recipe recipe() {
    return Recipe.of(encoders, chunkSize);
  }

  /** Bytes of memory for buffers that one conversion needs at most, without what limits bound. */
  public long bufferBound() {
    return MemberPipeline.memoryBound(threads, chunkSize);
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
        var pipeline = new MemberPipeline(out, encoders, executor, threads, chunkSize);
        var toc = new TocWriter()) {
      return new Run(layer, pipeline, toc, out).convert();
    }
  }

  /** One conversion. */
  private final class Run {
    private final LayerSource source;
    private final MemberPipeline pipeline;
    private final TocWriter toc;
    private final OutputStream out;
    private final TarSplitter splitter;
    private final LayerPaths paths = new LayerPaths(limits);
    private final MessageDigest diffId = DigestAlgorithm.SHA256.newMessageDigest();
    private final MessageDigest wholeFile = DigestAlgorithm.SHA256.newMessageDigest();
    private final Digest emptyFile = Digest.ofSha256(new byte[0]);
    private long plainLength;

    Run(LayerSource source, MemberPipeline pipeline, TocWriter toc, OutputStream out) {
      this.source = source;
      this.pipeline = pipeline;
      this.toc = toc;
      this.out = out;
      this.splitter = new TarSplitter(source, limits);
    }

    ConvertedLayer convert() throws IOException {
      landmark();
      for (Optional<TarEntry> next = splitter.next(); next.isPresent(); next = splitter.next()) {
        TarEntry entry = next.get();
        if (LayerPaths.reserved(entry)) {
          EarlierConversion.skip(entry, splitter);
        } else {
          paths.admit(entry).ifPresent(ordinal -> toc.replace(ordinal + 1));
          append(entry.header());
          content(entry, splitter::read);
        }
      }
      source.drain();
      return finish();
    }

    /** The landmark has ordinal 0 in the TOC. */
    private void landmark() throws IOException {
      byte[] header = TocMember.header(LayerPaths.NO_PREFETCH_LANDMARK, LANDMARK_CONTENT.length);
      var entry =
          new TarEntry(
              Kind.REG,
              LayerPaths.NO_PREFETCH_LANDMARK,
              "",
              LANDMARK_CONTENT.length,
              0,
              0,
              0,
              "",
              "",
              0,
              0,
              0,
              Map.of(),
              header);
      append(header);
      var content = new byte[LANDMARK_CONTENT.length + entry.padding()];
      content[0] = LANDMARK_CONTENT[0];
      var stream = new ByteArrayInputStream(content);
      content(entry, stream::readNBytes);
    }

    private void content(TarEntry entry, MemberPipeline.Filler payload) throws IOException {
      if (entry.size() == 0) {
        Digest digest = entry.kind() == Kind.REG ? emptyFile : null;
        pipeline.then(() -> toc.add(List.of(TocEntry.of(entry, digest))));
        return;
      }
      boolean chunked = entry.size() > chunkSize;
      var chunks = new ArrayList<Member>(1);
      for (long left = entry.size(); left > 0; ) {
        int n = (int) Math.min(left, chunkSize);
        pipeline.payload(
            n,
            (buffer, offset, length) -> {
              payload.fill(buffer, offset, length);
              count(buffer, offset, length);
              if (chunked) {
                wholeFile.update(buffer, offset, length);
              }
            },
            chunks::add);
        left -= n;
      }
      Optional<Digest> whole =
          chunked ? Optional.of(Digest.of(DigestAlgorithm.SHA256, wholeFile)) : Optional.empty();
      var padding = new byte[entry.padding()];
      payload.fill(padding, 0, padding.length);
      append(padding);
      pipeline.then(() -> toc.add(describe(entry, whole, chunks)));
    }

    /** The TOC entries of a file whose members are all written. */
    private List<TocEntry> describe(TarEntry file, Optional<Digest> whole, List<Member> chunks) {
      var entries = new ArrayList<TocEntry>(chunks.size());
      for (Member chunk : chunks) {
        long start = (long) entries.size() * chunkSize;
        // As the reference does it: only chunks of full length say how long they are.
        long length = file.size() - start < chunkSize ? 0 : chunkSize;
        Digest digest = chunk.payloadDigest();
        entries.add(
            start == 0
                ? TocEntry.of(file, whole.orElse(digest), chunk.offset(), length, digest)
                : TocEntry.chunk(file.name(), chunk.offset(), start, length, digest));
      }
      return entries;
    }

    private ConvertedLayer finish() throws IOException {
      long tocOffset = pipeline.finish();
      var counted = new CountingOutputStream(out);
      TocMember.Written written = TocMember.write(toc, counted, diffId);
      out.write(new Footer(tocOffset).bytes());
      return new ConvertedLayer(
          tocOffset + counted.getByteCount() + Footer.LENGTH,
          written.tocDigest(),
          Digest.of(DigestAlgorithm.SHA256, diffId),
          plainLength + written.plainLength(),
          source.digest(),
          paths.admitted(),
          paths.impliedDirectories());
    }

    private void append(byte[] bytes) throws IOException {
      count(bytes, 0, bytes.length);
      pipeline.append(bytes);
    }

    private void count(byte[] bytes, int offset, int length) {
      diffId.update(bytes, offset, length);
      plainLength += length;
    }
  }
}
