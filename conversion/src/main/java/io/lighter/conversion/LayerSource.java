package io.lighter.conversion;

import com.github.luben.zstd.ZstdInputStream;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The uncompressed bytes of a layer blob, hashed and counted as they are read. Gzip (any number of
 * members), zstd (any number of frames) and plain bytes are told apart by their first bytes,
 * because media types of real images are often wrong.
 */
final class LayerSource implements PlainBytes, AutoCloseable {

  private static final int BUFFER = 64 << 10;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b, 8};
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] SKIPPABLE_MAGIC = {0x50, 0x2a, 0x4d, 0x18};

  private final ConversionLimits limits;
  private final Blob blob;
  private final InputStream plain;
  private final MessageDigest hash = DigestAlgorithm.SHA256.newMessageDigest();
  private long count;

  /**
   * Begins to read a blob.
   *
   * @param blob read to its end, never closed
   * @throws IOException if the blob cannot be read
   * @throws UnconvertibleLayerException if it is compressed and its beginning is damaged
   */
  LayerSource(InputStream blob, ConversionLimits limits) throws IOException {
    this.limits = limits;
    this.blob = new Blob(blob);
    var buffered = new Peekable(this.blob);
    try {
      this.plain = decompress(buffered);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  private static InputStream decompress(Peekable buffered) throws IOException {
    buffered.mark(ZSTD_MAGIC.length);
    byte[] magic = buffered.readNBytes(ZSTD_MAGIC.length);
    buffered.reset();
    if (Arrays.equals(magic, ZSTD_MAGIC) || skippableFrame(magic)) {
      return new ZstdInputStream(buffered);
    }
    return magic.length > GZIP_MAGIC.length
            && Arrays.equals(magic, 0, GZIP_MAGIC.length, GZIP_MAGIC, 0, GZIP_MAGIC.length)
        ? new GZIPInputStream(buffered, BUFFER)
        : buffered;
  }

  /**
   * Zstd may begin with frames that have no content, and what pzstd writes does (RFC 8878, 3.1.2).
   */
  private static boolean skippableFrame(byte[] magic) {
    return magic.length == SKIPPABLE_MAGIC.length
        && (magic[0] & 0xf0) == (SKIPPABLE_MAGIC[0] & 0xf0)
        && Arrays.equals(magic, 1, magic.length, SKIPPABLE_MAGIC, 1, SKIPPABLE_MAGIC.length);
  }

  /**
   * Reads until {@code length} bytes are there or the layer ends.
   *
   * @return how many bytes were read, less than {@code length} only at the end
   * @throws IOException if the blob cannot be read
   * @throws UnconvertibleLayerException if the compressed stream is damaged
   * @throws LayerTooLargeException if the layer is longer than allowed
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int n;
    try {
      n = plain.readNBytes(target, offset, length);
    } catch (IOException e) {
      throw damaged(e);
    }
    hash.update(target, offset, n);
    count += n;
    limits.check(count, blob.count);
    return n;
  }

  /** Reads what is left. */
  void drain() throws IOException {
    var buffer = new byte[BUFFER];
    int n = buffer.length;
    while (n == buffer.length) {
      n = read(buffer, 0, buffer.length);
    }
  }

  /** Uncompressed bytes read so far. */
  long count() {
    return count;
  }

  /** Digest of the bytes read so far; to be asked once. */
  Digest digest() {
    return Digest.of(DigestAlgorithm.SHA256, hash);
  }

  /** Frees the decompressor; the caller's stream stays open. */
  @Override
  public void close() throws IOException {
    plain.close();
  }

  /** The caller's own failure if it was one, else the verdict that the blob is damaged. */
  private UnconvertibleLayerException damaged(IOException e) throws IOException {
    if (blob.failure != null) {
      throw blob.failure;
    }
    // The decompressor of gzip says nothing when its input ends.
    String problem = e.getMessage() == null ? "it ends too early" : e.getMessage();
    return new UnconvertibleLayerException("the compressed layer is damaged: " + problem, e);
  }

  /** The blob as the caller gave it: counts, remembers its failures, and is not closed. */
  private static final class Blob extends FilterInputStream {
    private long count;
    private @Nullable IOException failure;

    Blob(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        int n = in.read(target, offset, length);
        count += Math.max(n, 0);
        return n;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public void close() {
      // Whoever opened the blob closes it.
    }
  }

  /**
   * Says exactly whether there is more. {@link GZIPInputStream} looks for a further member only if
   * {@code available()} is not 0, and many streams answer 0 when a read would merely block.
   */
  private static final class Peekable extends BufferedInputStream {
    Peekable(InputStream in) {
      super(in, BUFFER);
    }

    @Override
    public synchronized int available() throws IOException {
      if (pos < count) {
        return count - pos;
      }
      mark(1);
      int next = read();
      reset();
      return next < 0 ? 0 : 1;
    }
  }
}
