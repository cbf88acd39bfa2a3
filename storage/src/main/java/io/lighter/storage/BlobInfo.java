package io.lighter.storage;

import io.lighter.oci.Digest;

/**
 * A blob that is in the store.
 *
 * @param digest its address
 * @param size its length in bytes
 */
public record BlobInfo(Digest digest, long size) {}
