package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;

/**
 * A blob that is eStargz already, so that it need not be converted: a client that is told {@link
 * #tocDigest} can mount it.
 *
 * @param tocOffset position of the TOC's gzip member
 * @param tocDigest sha256 of the TOC's JSON
 * @param toc the TOC
 */
public record EStargz(long tocOffset, Digest tocDigest, Toc toc) {

  /** Annotation of a layer with the digest of its TOC; without it nobody mounts it lazily. */
  public static final String TOC_DIGEST_ANNOTATION = "containerd.io/snapshot/stargz/toc.digest";

  /** Annotation of a layer with its uncompressed size, which Stargz Store must know. */
  public static final String UNCOMPRESSED_SIZE_ANNOTATION =
      "io.containers.estargz.uncompressed-size";

  /** About 200,000 entries, for memory's sake. What has more is converted, which streams. */
  private static final long MAX_TOC = 64L << 20;

  /**
   * What a whole blob uncompresses to.
   *
   * @param diffId sha256 of the uncompressed blob
   * @param size its length in bytes
   */
  public record Uncompressed(Digest diffId, long size) {}

  /** Whether somebody has laid out files in front of a landmark, for a start. */
  public boolean isOptimized() {
    return toc.entries().stream()
        .anyMatch(entry -> entry.path().equals(LayerPaths.PREFETCH_LANDMARK));
  }

  /**
   * Looks whether a blob is eStargz of a kind that clients can verify: footer of 51 bytes, TOC
   * inside, a digest for every chunk, no dangling hard link. Reads the footer and the TOC only.
   *
   * @param size length of the blob
   * @return empty if it is not, whatever is wrong with it
   * @throws IOException if the blob cannot be read
   */
  public static Optional<EStargz> inspect(BlobView blob, long size) throws IOException {
    Optional<Footer> footer = Footer.read(blob, size);
    if (footer.isEmpty()) {
      return Optional.empty();
    }
    long offset = footer.get().tocOffset();
    long length = size - Footer.LENGTH - offset;
    if (length > MAX_TOC) {
      return Optional.empty();
    }
    byte[] member = blob.read(offset, (int) length);
    try {
      return parse(member, offset).filter(EStargz::verifiable);
    } catch (IOException | JacksonException | IllegalArgumentException | ConversionException e) {
      // Memory is all that was read here: the bytes are something else than eStargz.
      return Optional.empty();
    }
  }

  /**
   * Reads a whole blob to learn what it uncompresses to.
   *
   * @param blob read to its end, not closed
   * @throws IOException if the blob cannot be read
   * @throws ConversionException if it is damaged or beyond the limits
   */
  public static Uncompressed measure(InputStream blob, ConversionLimits limits) throws IOException {
    try (var source = new LayerSource(blob, limits)) {
      source.drain();
      return new Uncompressed(source.digest(), source.count());
    }
  }

  private static Optional<EStargz> parse(byte[] member, long offset) throws IOException {
    try (var plain = new GZIPInputStream(new ByteArrayInputStream(member), 64 << 10)) {
      var header = new TarHeader(plain.readNBytes(TarHeader.BLOCK));
      boolean named = new String(header.name(), StandardCharsets.UTF_8).equals(TocMember.NAME);
      if (!named || header.size() < 0 || header.size() > MAX_TOC) {
        return Optional.empty();
      }
      byte[] json = plain.readNBytes((int) header.size());
      // Clients differ in whether they hash what follows the document, so nothing may.
      boolean whole = json.length == header.size() && json.length > 0;
      if (!whole || json[json.length - 1] != '}') {
        return Optional.empty();
      }
      return Optional.of(new EStargz(offset, Digest.ofSha256(json), Toc.parse(json)));
    }
  }

  /** Whether clients that verify every chunk will take the blob. */
  private boolean verifiable() {
    var names = new HashSet<String>();
    for (TocEntry entry : toc.entries()) {
      names.add(entry.path());
    }
    for (TocEntry entry : toc.entries()) {
      boolean inside = entry.offset() > 0 && entry.offset() < tocOffset;
      if (entry.hasData() && (!inside || entry.chunkDigest() == null)) {
        return false;
      }
      if (entry.type().equals("hardlink") && !names.contains(entry.linkPath())) {
        return false;
      }
    }
    return true;
  }
}
