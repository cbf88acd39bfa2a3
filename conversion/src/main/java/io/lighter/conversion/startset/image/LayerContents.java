package io.lighter.conversion.startset.image;

import io.lighter.conversion.BlobView;
import io.lighter.conversion.EStargz;
import io.lighter.conversion.MemberDecoder;
import io.lighter.conversion.Toc;
import io.lighter.conversion.TocEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The files of one layer that is eStargz, each readable without the others. Not thread-safe.
 *
 * <p>Contents are not compared with their digests: they decide what is fetched ahead, never what a
 * client gets.
 */
public final class LayerContents {

  private static final int WINDOW = 64 << 10;
  private static final int GZIP_HEADER = 10;
  private static final int MAX_SKIPPED_HEADER = 64 << 10;

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
    var inflater = new Inflater(true);
    try {
      var window = new byte[WINDOW];
      long position = chunk.offset();
      int filled = fill(window, position);
      position += filled;
      int header = headerLength(window, filled);
      inflater.setInput(window, header, filled - header);
      long skip = chunk.innerOffset();
      var skipped = new byte[(int) Math.min(skip, WINDOW)];
      int done = 0;
      while (done < length) {
        int n =
            skip > 0
                ? inflater.inflate(skipped, 0, (int) Math.min(skip, skipped.length))
                : inflater.inflate(target, offset + done, length - done);
        if (skip > 0) {
          skip -= n;
        } else {
          done += n;
        }
        if (n == 0 && inflater.needsInput() && !inflater.finished()) {
          filled = fill(window, position);
          position += filled;
          inflater.setInput(window, 0, filled);
        } else if (n == 0) {
          throw new DamagedFileException("its gzip member ends early");
        }
      }
    } catch (DataFormatException e) {
      throw new DamagedFileException("its gzip member cannot be inflated");
    } finally {
      inflater.end();
    }
  }

  private int fill(byte[] window, long position) throws IOException {
    int room = (int) Math.min(window.length, end - position);
    if (position < 0 || room <= 0) {
      throw new DamagedFileException("its gzip member goes beyond the layer's files");
    }
    int read = blob.read(position, ByteBuffer.wrap(window, 0, room));
    if (read <= 0) {
      throw new DamagedFileException("the layer ends before the file does");
    }
    return read;
  }

  /** Length of a gzip header (RFC 1952, section 2.3). */
  private static int headerLength(byte[] window, int filled) throws DamagedFileException {
    boolean gzip = filled > GZIP_HEADER && window[0] == 0x1f && window[1] == (byte) 0x8b;
    if (!gzip) {
      throw new DamagedFileException("no gzip member begins where it should");
    }
    int flags = window[3];
    int at = GZIP_HEADER;
    if ((flags & 4) != 0 && at + 2 <= filled) {
      at += 2 + (window[at] & 0xff) + ((window[at + 1] & 0xff) << 8);
    }
    for (int text = 8; text <= 16; text <<= 1) {
      if ((flags & text) != 0) {
        while (at < filled && window[at] != 0) {
          at++;
        }
        at++;
      }
    }
    at += (flags & 2) != 0 ? 2 : 0;
    if (at >= Math.min(filled, MAX_SKIPPED_HEADER)) {
      throw new DamagedFileException("the header of its gzip member is too long");
    }
    return at;
  }
}
