package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.output.CountingOutputStream;

/**
 * Writes one eStargz blob, entry after entry, in the order in which they are given. Not
 * thread-safe.
 */
final class EStargzWriter implements AutoCloseable {

  private static final byte[] LANDMARK_CONTENT = {0x0f};

  private final MemberPipeline pipeline;
  private final TocWriter toc;
  private final OutputStream out;
  private final int chunkSize;
  private final MessageDigest diffId = DigestAlgorithm.SHA256.newMessageDigest();
  private final MessageDigest wholeFile = DigestAlgorithm.SHA256.newMessageDigest();
  private final Digest emptyFile = Digest.ofSha256(new byte[0]);
  private long plainLength;
  private int added;
  private long landmarkOffset;

  /**
   * Begins a blob.
   *
   * @param pipeline where its members go, closed with the writer
   * @param out takes what follows them; not closed
   */
  EStargzWriter(MemberPipeline pipeline, OutputStream out, int chunkSize) throws IOException {
    this.pipeline = pipeline;
    this.out = out;
    this.chunkSize = chunkSize;
    this.toc = new TocWriter();
  }

  /**
   * Writes the landmark: what is in front of it is fetched ahead.
   *
   * @param name which of the two
   */
  void landmark(String name) throws IOException {
    byte[] header = TocMember.header(name, LANDMARK_CONTENT.length);
    var entry =
        new TarEntry(
            Kind.REG,
            name,
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
    var content = new byte[LANDMARK_CONTENT.length + entry.padding()];
    content[0] = LANDMARK_CONTENT[0];
    var stream = new ByteArrayInputStream(content);
    append(header, MemberPipeline.NOWHERE);
    added++;
    List<Member> members = payload(entry, stream::readNBytes, MemberPipeline.NOWHERE, true);
    pipeline.then(() -> landmarkOffset = members.getFirst().offset());
  }

  /**
   * Writes an entry of the layer.
   *
   * @param content gives its payload and its padding, in this order and at once
   * @param origin where its header stands among the uncompressed bytes of a blob whose members may
   *     be copied, its payload and padding behind it; or {@link MemberPipeline#NOWHERE}
   * @return its number in the TOC, for {@link #leaveOut}
   */
  int add(TarEntry entry, MemberPipeline.Filler content, long origin) throws IOException {
    append(entry.header(), origin);
    if (entry.size() == 0) {
      Digest digest = entry.kind() == Kind.REG ? emptyFile : null;
      pipeline.then(() -> toc.add(List.of(TocEntry.of(entry, digest))));
    } else {
      payload(entry, content, behind(origin, entry.header().length), false);
    }
    return added++;
  }

  /** Uncompressed bytes of the members that were copied; to be asked when the blob is written. */
  long copied() {
    return pipeline.copied();
  }

  /** Uncompressed bytes of the members that were compressed. */
  long compressed() {
    return pipeline.compressed();
  }

  /** Has the TOC say nothing of an entry, because another one of the same path counts. */
  void leaveOut(int number) {
    toc.replace(number);
  }

  private List<Member> payload(
      TarEntry entry, MemberPipeline.Filler content, long origin, boolean own) throws IOException {
    boolean chunked = entry.size() > chunkSize;
    var chunks = new ArrayList<Member>(1);
    for (long left = entry.size(); left > 0; ) {
      int n = (int) Math.min(left, chunkSize);
      MemberPipeline.Filler filler =
          (buffer, offset, length) -> {
            content.fill(buffer, offset, length);
            count(buffer, offset, length);
            if (chunked) {
              wholeFile.update(buffer, offset, length);
            }
          };
      if (own) {
        pipeline.ownPayload(n, filler, chunks::add);
      } else {
        pipeline.payload(n, filler, behind(origin, entry.size() - left), chunks::add);
      }
      left -= n;
    }
    Optional<Digest> whole =
        chunked ? Optional.of(Digest.of(DigestAlgorithm.SHA256, wholeFile)) : Optional.empty();
    var padding = new byte[entry.padding()];
    content.fill(padding, 0, padding.length);
    append(padding, behind(origin, entry.size()));
    pipeline.then(() -> toc.add(describe(entry, whole, chunks)));
    return chunks;
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
              ? TocEntry.of(file, whole.orElse(digest), chunk, length)
              : TocEntry.chunk(file.name(), chunk, start, length));
    }
    return entries;
  }

  /**
   * Writes the TOC, the end of the archive and the footer.
   *
   * @param source what the layer was made from
   */
  ConvertedLayer finish(ConvertedLayer.Source source, Prefetched prefetched) throws IOException {
    long tocOffset = pipeline.finish();
    var counted = new CountingOutputStream(out);
    TocMember.Written written = TocMember.write(toc, counted, diffId);
    out.write(new Footer(tocOffset).bytes());
    return new ConvertedLayer(
        tocOffset + counted.getByteCount() + Footer.LENGTH,
        written.tocDigest(),
        Digest.of(DigestAlgorithm.SHA256, diffId),
        plainLength + written.plainLength(),
        source.diffId(),
        source.entries(),
        source.impliedDirectories(),
        prefetched.entries() == 0 ? prefetched : prefetched.at(landmarkOffset));
  }

  private static long behind(long origin, long distance) {
    return origin == MemberPipeline.NOWHERE ? origin : origin + distance;
  }

  private void append(byte[] bytes, long origin) throws IOException {
    count(bytes, 0, bytes.length);
    pipeline.append(bytes, origin);
  }

  private void count(byte[] bytes, int offset, int length) {
    diffId.update(bytes, offset, length);
    plainLength += length;
  }

  @Override
  public void close() {
    toc.close();
    pipeline.close();
  }
}
