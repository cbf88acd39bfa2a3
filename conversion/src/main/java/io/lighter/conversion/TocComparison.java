package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Holds the TOC of a blob that others made against its tar: a client that mounts the layer must get
 * what one gets that unpacks it. Compared is all that the TOC says: what there is, and of each
 * entry type, size, mode, owner, link, device, times, extended attributes, digests, and where in
 * the blob its bytes are. Names of owners may be left out, as the reference leaves them out.
 *
 * <p>Reads the blob once. Not thread-safe.
 */
final class TocComparison implements PlainBytes {

  private static final int BUFFER = 64 << 10;
  private static final Digest NOTHING = Digest.ofSha256(new byte[0]);
  private static final Digest LANDMARK = Digest.ofSha256(new byte[] {0x0f});

  private final TocTable table;
  private final MemberMap members;
  private final MemberReader reader;
  private final InputStream tail;
  private final long size;
  private final long tocOffset;
  private final ConversionLimits limits;
  private final TarSplitter splitter;
  private final LayerPaths paths;
  private final MessageDigest diffId = DigestAlgorithm.SHA256.newMessageDigest();
  private final MessageDigest file = DigestAlgorithm.SHA256.newMessageDigest();
  private final MessageDigest part = DigestAlgorithm.SHA256.newMessageDigest();
  private final byte[] buffer = new byte[BUFFER];
  private long position;

  /** By path; an entry that is there twice counts as it stands last. */
  private final Map<String, String> differences = new LinkedHashMap<>();

  private final Set<String> seen = new HashSet<>();

  /**
   * A comparison.
   *
   * @param members takes the members that the reader finds
   * @param reader of everything in front of the TOC; closed by the caller
   */
  TocComparison(
      BlobView blob,
      long size,
      EStargz content,
      MemberMap members,
      MemberReader reader,
      ConversionLimits limits)
      throws IOException {
    this.table = new TocTable(content.toc());
    this.members = members;
    this.reader = reader;
    this.size = size;
    this.tocOffset = content.tocOffset();
    this.limits = limits;
    byte[] packed = blob.read(tocOffset, (int) (size - tocOffset));
    this.tail = new GZIPInputStream(new ByteArrayInputStream(packed), BUFFER);
    this.splitter = new TarSplitter(this, limits);
    this.paths = new LayerPaths(limits);
  }

  /**
   * Compares.
   *
   * @return what the blob uncompresses to
   * @throws UnconvertibleLayerException if TOC and tar differ, or either cannot be represented
   */
  EStargz.Uncompressed run() throws IOException {
    boolean ended = false;
    while (true) {
      long header = position;
      Optional<TarEntry> next = splitter.next();
      if (next.isEmpty()) {
        break;
      }
      TarEntry entry = next.get();
      String path = LayerPaths.clean(entry.name(), entry.name());
      boolean isToc = path.equals(TocMember.NAME);
      boolean behind = members.end() == tocOffset && header >= members.plainEnd();
      if (ended || isToc != behind || (isToc && header > members.plainEnd())) {
        throw TocTable.wrong(path, "is on the wrong side of where the footer says the table is");
      }
      if (isToc) {
        ended = true;
        splitter.skip(entry.size() + entry.padding());
      } else {
        compare(path, entry);
      }
    }
    for (int n = buffer.length; n == buffer.length; ) {
      n = read(buffer, 0, buffer.length);
    }
    for (String path : table.paths()) {
      if (!seen.contains(path)) {
        throw TocTable.wrong(path, "is not in the archive");
      }
    }
    for (var difference : differences.entrySet()) {
      throw TocTable.wrong(difference.getKey(), difference.getValue());
    }
    return new EStargz.Uncompressed(Digest.of(DigestAlgorithm.SHA256, diffId), position);
  }

  /** The whole uncompressed blob: what the reader has, and behind it the TOC's member. */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int n = reader.read(target, offset, length);
    if (n < length) {
      try {
        n += tail.readNBytes(target, offset + n, length - n);
      } catch (IOException e) {
        throw new UnconvertibleLayerException("what is behind the table of contents is damaged", e);
      }
    }
    diffId.update(target, offset, n);
    position += n;
    limits.check(position, size);
    return n;
  }

  private void compare(String path, TarEntry entry) throws IOException {
    boolean landmark = LayerPaths.reserved(entry);
    if (!landmark) {
      paths.admit(entry);
    }
    seen.add(path);
    Optional<TocTable.Row> row = table.row(path);
    Optional<String> difference =
        row.isEmpty() ? Optional.of("is missing") : attributes(row.get().entry(), entry);
    if (difference.isPresent()) {
      splitter.skip(entry.size());
    } else {
      difference = content(row.orElseThrow());
    }
    splitter.skip(entry.padding());
    if (landmark && !LANDMARK.equals(row.map(found -> found.entry().chunkDigest()).orElse(null))) {
      difference = Optional.of("has a name that eStargz reserves, and is no landmark");
    }
    differences.remove(path);
    difference.ifPresent(what -> differences.put(path, what));
  }

  private static Optional<String> attributes(TocEntry said, TarEntry entry) {
    if (!said.type().equals(entry.kind().tocType())) {
      return differs("type", said.type(), entry.kind().tocType());
    }
    return number("size", said.size(), entry.size())
        .or(() -> number("mode", said.mode(), entry.mode()))
        .or(() -> number("owner", said.uid(), entry.uid()))
        .or(() -> number("group", said.gid(), entry.gid()))
        .or(() -> number("device major number", said.devMajor(), entry.deviceMajor()))
        .or(() -> number("device minor number", said.devMinor(), entry.deviceMinor()))
        .or(() -> owner("owner's name", said.userName(), entry.userName()))
        .or(() -> owner("group's name", said.groupName(), entry.groupName()))
        .or(() -> link(said, entry))
        .or(() -> time(said.modtime(), entry.mtime()))
        .or(() -> xattrs(said.xattrs(), entry.xattrs()));
  }

  private static Optional<String> number(String what, long said, long actual) {
    return said == actual
        ? Optional.empty()
        : differs(what, Long.toString(said), Long.toString(actual));
  }

  /** The reference names an owner once, and mounts know only numbers. */
  private static Optional<String> owner(String what, String said, String actual) {
    return said.isEmpty() || said.equals(actual) ? Optional.empty() : differs(what, said, actual);
  }

  private static Optional<String> link(TocEntry said, TarEntry entry) {
    boolean same =
        entry.kind() == Kind.HARDLINK
            ? said.linkPath().equals(LayerPaths.clean(entry.linkName(), entry.name()))
            : said.linkName().equals(entry.linkName());
    return same ? Optional.empty() : differs("link", said.linkName(), entry.linkName());
  }

  /** The reference leaves the epoch out. */
  private static Optional<String> time(String said, long actual) {
    var text = Instant.ofEpochSecond(actual).toString();
    boolean same = said.equals(text) || (said.isEmpty() ? actual == 0 : isAt(said, actual));
    return same ? Optional.empty() : differs("time", said, text);
  }

  private static boolean isAt(String said, long seconds) {
    try {
      return Instant.parse(said).equals(Instant.ofEpochSecond(seconds));
    } catch (DateTimeException _) {
      return false;
    }
  }

  private static Optional<String> xattrs(Map<String, byte[]> said, Map<String, byte[]> actual) {
    boolean same =
        said.keySet().equals(actual.keySet())
            && said.entrySet().stream()
                .allMatch(one -> Arrays.equals(one.getValue(), actual.get(one.getKey())));
    return same ? Optional.empty() : Optional.of("has other extended attributes");
  }

  /** Reads a payload, chunk by chunk as the TOC has them. */
  private Optional<String> content(TocTable.Row row) throws IOException {
    Digest whole = NOTHING;
    Optional<String> difference = Optional.empty();
    boolean chunked = row.chunks().size() > 1;
    for (TocEntry chunk : row.chunks()) {
      long begin = position;
      for (long left = row.length(chunk); left > 0; ) {
        int n = (int) Math.min(left, buffer.length);
        splitter.read(buffer, 0, n);
        part.update(buffer, 0, n);
        if (chunked) {
          file.update(buffer, 0, n);
        }
        left -= n;
      }
      whole = Digest.of(DigestAlgorithm.SHA256, part);
      if (difference.isEmpty()) {
        difference = chunk(chunk, whole, begin);
      }
    }
    whole = chunked ? Digest.of(DigestAlgorithm.SHA256, file) : whole;
    Digest said = row.entry().digest();
    return difference.isEmpty() && row.entry().type().equals("reg") && !whole.equals(said)
        ? differs("digest", String.valueOf(said), whole.toString())
        : difference;
  }

  private Optional<String> chunk(TocEntry said, Digest actual, long begin) {
    if (!actual.equals(said.chunkDigest())) {
      return differs("chunk's digest", String.valueOf(said.chunkDigest()), actual.toString());
    }
    int member = members.at(begin);
    boolean there =
        member == members.at(position - 1)
            && said.offset() == members.position(member)
            && said.innerOffset() == begin - members.plainStart(member);
    return there
        ? Optional.empty()
        : differs(
            "offset",
            said.offset() + "+" + said.innerOffset(),
            members.position(member) + "+" + (begin - members.plainStart(member)));
  }

  private static Optional<String> differs(String what, String said, String actual) {
    return Optional.of(
        "has %s %s; it is %s"
            .formatted(
                what,
                UnconvertibleLayerException.quote(said),
                UnconvertibleLayerException.quote(actual)));
  }
}
