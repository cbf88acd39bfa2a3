package io.lighter.conversion;

import io.lighter.oci.Digest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a TOC (eStargz specification, "TOC"). Numbers that are 0, texts that are empty and
 * digests that are null stand for fields that are left out.
 *
 * @param name path as in the tar header, not cleaned
 * @param type {@code dir}, {@code reg}, {@code symlink}, {@code hardlink}, {@code char}, {@code
 *     block}, {@code fifo}, or {@code chunk} for the second and further chunks of a file
 * @param size length of a file
 * @param modtime RFC 3339 in UTC, whole seconds
 * @param linkName target of a link
 * @param mode mode of the tar header
 * @param uid owner
 * @param gid group
 * @param userName name of the owner
 * @param groupName name of the group
 * @param offset position in the blob of the gzip member that holds this chunk of a file
 * @param innerOffset uncompressed bytes in front of the chunk in that member
 * @param devMajor major number of a device
 * @param devMinor minor number of a device
 * @param xattrs extended attributes
 * @param digest sha256 of a whole file
 * @param chunkOffset position of the chunk in the file
 * @param chunkSize length of the chunk; 0 if it goes to the end of the file
 * @param chunkDigest sha256 of the chunk
 */
public record TocEntry(
    String name,
    String type,
    long size,
    String modtime,
    String linkName,
    long mode,
    long uid,
    long gid,
    String userName,
    String groupName,
    long offset,
    long innerOffset,
    long devMajor,
    long devMinor,
    Map<String, byte[]> xattrs,
    @Nullable Digest digest,
    long chunkOffset,
    long chunkSize,
    @Nullable Digest chunkDigest) {

  public TocEntry {
    // Hundreds of thousands are held at once, and most of what they say is the same.
    type = type.intern();
    modtime = modtime.intern();
    userName = userName.intern();
    groupName = groupName.intern();
    xattrs = xattrs.isEmpty() ? Map.of() : xattrs;
    chunkDigest = chunkDigest != null && chunkDigest.equals(digest) ? digest : chunkDigest;
  }

  /** The entry of something that has no payload; {@code digest} is that of an empty file. */
  static TocEntry of(TarEntry entry, @Nullable Digest digest) {
    return of(entry, digest, 0, 0, 0, null);
  }

  /** The entry of a file, which is also that of its first chunk. */
  static TocEntry of(TarEntry entry, Digest digest, Member chunk, long chunkSize) {
    return of(entry, digest, chunk.offset(), chunk.innerOffset(), chunkSize, chunk.payloadDigest());
  }

  private static TocEntry of(
      TarEntry entry,
      @Nullable Digest digest,
      long offset,
      long innerOffset,
      long chunkSize,
      @Nullable Digest chunkDigest) {
    return new TocEntry(
        entry.name(),
        entry.kind().tocType(),
        entry.size(),
        // The reference leaves the epoch out, which its reader then takes for the year 1.
        Instant.ofEpochSecond(entry.mtime()).toString(),
        entry.linkName(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.userName(),
        entry.groupName(),
        offset,
        innerOffset,
        entry.deviceMajor(),
        entry.deviceMinor(),
        entry.xattrs(),
        digest,
        0,
        chunkSize,
        chunkDigest);
  }

  /** A further chunk of a file. */
  static TocEntry chunk(String name, Member chunk, long chunkOffset, long chunkSize) {
    return new TocEntry(
        name,
        "chunk",
        0,
        "",
        "",
        0,
        0,
        0,
        "",
        "",
        chunk.offset(),
        chunk.innerOffset(),
        0,
        0,
        Map.of(),
        null,
        chunkOffset,
        chunkSize,
        chunk.payloadDigest());
  }

  /**
   * Where it is: relative to the root, without empty and "." components; empty for the root.
   *
   * @throws UnconvertibleLayerException if the name leads out of the root
   */
  public String path() {
    return LayerPaths.clean(name, name);
  }

  /** What a hard link stands for, in the manner of {@link #path}. */
  public String linkPath() {
    return LayerPaths.clean(linkName, name);
  }

  /** Whether this entry has a part of a file's bytes. */
  public boolean hasData() {
    return type.equals("chunk") || (type.equals("reg") && size > 0);
  }
}
