package io.lighter.conversion;

import io.lighter.oci.Digest;

/**
 * A payload that was written.
 *
 * @param offset position in the blob of the first byte of the gzip member that it is in
 * @param innerOffset uncompressed bytes of the member in front of it
 * @param payloadDigest sha256 of it
 */
record Member(long offset, long innerOffset, Digest payloadDigest) {}
