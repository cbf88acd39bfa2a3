package io.lighter.conversion;

import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.io.output.UnsynchronizedByteArrayOutputStream;

/**
 * Collects the JSON of a TOC. Its length stands in front of it in the blob, so it must be complete
 * before its first byte is written; until then it is kept compressed, about 60 bytes for an entry.
 *
 * <p>Entries are numbered in the order in which they are added. One that a later entry of the same
 * path replaces is left out at the end. Not thread-safe.
 */
final class TocWriter implements AutoCloseable {

  private static final byte[] HEAD =
      "{\"version\":%d,\"entries\":[".formatted(Toc.VERSION).getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TAIL = "]}".getBytes(StandardCharsets.US_ASCII);

  /** Beyond this no known reader takes a TOC. */
  private static final long MAX_LENGTH = 512L << 20;

  /** Attributes of noise hardly compress; entries of a million files need less than half of it. */
  private static final int MAX_SPOOLED = 128 << 20;

  private final ByteArrayOutputStream fragment = new ByteArrayOutputStream();
  private final UnsynchronizedByteArrayOutputStream spool =
      UnsynchronizedByteArrayOutputStream.builder().setBufferSize(64 << 10).get();
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
  private final DeflaterOutputStream spooled = new DeflaterOutputStream(spool, deflater, 8 << 10);
  private final BitSet replaced = new BitSet();
  private int[] lengths = new int[1024];
  private int count;
  private long total;

  TocWriter() throws IOException {}

  /**
   * Adds what the TOC says about one tar entry.
   *
   * @param entries one, or one for each chunk of a file
   */
  void add(List<TocEntry> entries) {
    fragment.reset();
    for (TocEntry entry : entries) {
      if (fragment.size() > 0) {
        fragment.write(',');
      }
      Toc.JSON.writeValue(fragment, entry);
    }
    total += fragment.size();
    if (total > MAX_LENGTH || spool.size() > MAX_SPOOLED) {
      throw new LayerTooLargeException(
          "the layer's TOC is longer than the %d bytes allowed, or the %d compressed"
              .formatted(MAX_LENGTH, MAX_SPOOLED));
    }
    if (count == lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    lengths[count++] = fragment.size();
    spool();
  }

  /** Leaves out the entry of this number, which may have been added or not. */
  void replace(int ordinal) {
    replaced.set(ordinal);
  }

  /** Length of the JSON in bytes, when all entries are there. */
  long length() {
    int commas = Math.max(0, count - replaced.cardinality() - 1);
    long length = (long) HEAD.length + TAIL.length + commas;
    for (int i = replaced.nextClearBit(0); i < count; i = replaced.nextClearBit(i + 1)) {
      length += lengths[i];
    }
    return length;
  }

  /**
   * Writes the JSON; to be called once, at the end.
   *
   * @return sha256 of what was written
   */
  Digest writeTo(OutputStream out) throws IOException {
    spooled.close();
    var sha256 = DigestAlgorithm.SHA256.newMessageDigest();
    var hashed = new DigestOutputStream(out, sha256);
    hashed.write(HEAD);
    boolean first = true;
    try (var entries = new InflaterInputStream(spool.toInputStream())) {
      for (int i = 0; i < count; i++) {
        byte[] json = entries.readNBytes(lengths[i]);
        if (!replaced.get(i)) {
          if (!first) {
            hashed.write(',');
          }
          first = false;
          hashed.write(json);
        }
      }
    }
    hashed.write(TAIL);
    return Digest.of(DigestAlgorithm.SHA256, sha256);
  }

  @Override
  public void close() {
    deflater.end();
  }

  private void spool() {
    try {
      fragment.writeTo(spooled);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
  }
}
