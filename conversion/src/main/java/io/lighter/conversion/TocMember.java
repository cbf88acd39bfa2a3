package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.commons.io.output.CloseShieldOutputStream;

/**
 * The last member of a blob with content: the TOC as a tar entry, and the blocks that end the
 * archive. It is compressed by the JDK whatever the encoder, because it can be hundreds of
 * megabytes long and only the JDK's encoder takes a stream.
 */
final class TocMember {

  /** Name of the tar entry. */
  static final String NAME = "stargz.index.json";

  private static final int END_OF_ARCHIVE = 2 * TarHeader.BLOCK;

  private static final int BUFFER = 64 << 10;

  private TocMember() {}

  /** What was written: the hash of the JSON and the length of the member before compression. */
  record Written(Digest tocDigest, long plainLength) {}

  /**
   * Writes the member.
   *
   * @param diffId fed with the uncompressed member
   */
  static Written write(TocWriter toc, OutputStream out, MessageDigest diffId) throws IOException {
    long length = toc.length();
    byte[] header = header(NAME, length);
    var tail = new byte[(int) (-length & (TarHeader.BLOCK - 1)) + END_OF_ARCHIVE];
    var packing = new GzipParameters();
    packing.setCompressionLevel(Deflater.BEST_COMPRESSION); // It is short, and every node takes it.
    packing.setBufferSize(BUFFER);
    try (var gzip = new GzipCompressorOutputStream(CloseShieldOutputStream.wrap(out), packing)) {
      // Entries are short, and each call into the compressor has its price.
      var plain = new BufferedOutputStream(new DigestOutputStream(gzip, diffId), BUFFER);
      plain.write(header);
      Digest digest = toc.writeTo(plain);
      plain.write(tail);
      plain.flush();
      return new Written(digest, header.length + length + tail.length);
    }
  }

  /** A header block of a file that no image has: nobody's, with no rights and no time. */
  static byte[] header(String name, long size) {
    var entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL);
    entry.setMode(0);
    entry.setModTime(0);
    entry.setUserName("");
    entry.setSize(size);
    var block = new byte[TarHeader.BLOCK];
    entry.writeEntryHeader(block);
    return block;
  }
}
