package io.lighter.conversion;

import io.lighter.oci.Digest;

/**
 * A gzip member that was written.
 *
 * @param offset position of its first byte in the blob
 * @param payloadDigest sha256 of the payload that it begins with, without what follows it
 */
record Member(long offset, Digest payloadDigest) {}
