package io.lighter.conversion;

import java.util.Map;

/**
 * One entry of a layer, with extended headers applied.
 *
 * @param kind what the entry makes when it is unpacked
 * @param name the name as it stands in the archive
 * @param linkName target of a link, else empty
 * @param size length of the payload in bytes; 0 unless {@code kind} is a file
 * @param mode the number in the header, which may carry bits of the file type
 * @param uid owner
 * @param gid group
 * @param userName name of the owner, empty if none is given
 * @param groupName name of the group, empty if none is given
 * @param mtime time of modification in seconds since 1970
 * @param deviceMajor major number of a device
 * @param deviceMinor minor number of a device
 * @param xattrs extended attributes in order of their names
 * @param header all header blocks of the entry, byte for byte
 */
@SuppressWarnings("ArrayRecordComponent") // Entries are handed on once and never compared.
record TarEntry(
    Kind kind,
    String name,
    String linkName,
    long size,
    long mode,
    long uid,
    long gid,
    String userName,
    String groupName,
    long mtime,
    long deviceMajor,
    long deviceMinor,
    Map<String, byte[]> xattrs,
    byte[] header) {

  /** Types of entries, under the names that the TOC has for them. */
  enum Kind {
    DIR("dir"),
    REG("reg"),
    SYMLINK("symlink"),
    HARDLINK("hardlink"),
    CHAR("char"),
    BLOCK("block"),
    FIFO("fifo");

    private final String tocType;

    Kind(String tocType) {
      this.tocType = tocType;
    }

    String tocType() {
      return tocType;
    }
  }

  /** Length of header, payload and padding; a size that no layer can have does not overflow. */
  long length() {
    long rest = (long) header.length + padding();
    return size > Long.MAX_VALUE - rest ? Long.MAX_VALUE : size + rest;
  }

  /** Bytes between the end of the payload and the next header. */
  int padding() {
    return (int) (-size & (TarHeader.BLOCK - 1));
  }
}
