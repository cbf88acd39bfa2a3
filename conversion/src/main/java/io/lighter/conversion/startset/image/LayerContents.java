package io.lighter.conversion.startset.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.Toc;
import io.lighter.conversion.TocEntry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The files of one layer that is eStargz, each readable without the others. Not thread-safe.
 *
 * <p>Contents are not compared with their digests: they decide what is fetched ahead, never what a
 * client gets.
 */
public final class LayerContents {

  private static final int WINDOW = 64 << 10;

  /** A layer that cannot be looked into: it keeps its number, and has nothing. */
  public static final LayerContents NONE =
      new LayerContents(new Toc(Toc.VERSION, List.of()), (_, _) -> -1, 0, Optional.empty());

  private final Toc toc;
  private final BlobView blob;
  private final long end;
  private final Optional<MemberDecoder> decoder;

  private LayerContents(Toc toc, BlobView blob, long end, Optional<MemberDecoder> decoder) {
    this.toc = toc;
    this.blob = blob;
    this.end = end;
    this.decoder = decoder;
  }

  /**
   * A layer.
   *
   * @param layer what is known of it
   * @param blob its bytes
   * @param decoder uncompresses them as long as the layer is looked into; one for all layers
   */
  public static LayerContents of(EStargz layer, BlobView blob, MemberDecoder decoder) {
    return new LayerContents(layer.toc(), blob, layer.tocOffset(), Optional.of(decoder));
  }

  Toc toc() {
    return toc;
  }

  /**
   * Reads the beginning of one chunk of a file.
   *
   * @param chunk its TOC entry
   * @param target takes the bytes from the chunk's first on, as many as it has room for
   * @throws DamagedFileException if they do not uncompress to as many
   * @throws IOException if the layer cannot be read
   */
  void read(TocEntry chunk, byte[] target, int offset, int length) throws IOException {
    Optional<ByteBuffer> member =
        decoder.isPresent() ? decoder.get().decode(blob, chunk.offset(), end) : Optional.empty();
    if (member.filter(plain -> plain.limit() - chunk.innerOffset() >= length).isPresent()) {
      member.get().position((int) chunk.innerOffset()).get(target, offset, length);
    } else {
      inflate(chunk, target, offset, length);
    }
  }

  /** Reads a member that is longer than those of usual converters, or damaged, as far as needed. */
  private void inflate(TocEntry chunk, byte[] target, int offset, int length) throws IOException {
    if (chunk.offset() < 0 || chunk.offset() >= end) {
      throw new DamagedFileException("it is said to be behind the layer's files");
    }
    var packed = new Packed(chunk.offset());
    try (var plain = new GZIPInputStream(packed, WINDOW)) {
      plain.skipNBytes(chunk.innerOffset());
      if (plain.readNBytes(target, offset, length) < length) {
        throw new DamagedFileException("its gzip member ends early");
      }
    } catch (ZipException | EOFException e) {
      throw new DamagedFileException("its gzip member cannot be inflated: " + e.getMessage());
    }
  }

  /** The layer from some byte on. */
  private final class Packed extends InputStream {
    private long position;

    Packed(long position) {
      this.position = position;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int wanted = (int) Math.min(length, end - position);
      int read = wanted <= 0 ? -1 : blob.read(position, ByteBuffer.wrap(into, offset, wanted));
      position += Math.max(read, 0);
      return read;
    }
  }
}
