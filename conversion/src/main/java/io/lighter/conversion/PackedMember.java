package io.lighter.conversion;

/**
 * A gzip member of a blob that was read.
 *
 * @param plainStart position of its first byte among the uncompressed bytes of the blob
 * @param plainLength length of what it uncompresses to
 * @param bytes the whole member, compressed
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on once and never compared.
record PackedMember(long plainStart, int plainLength, byte[] bytes) {}
