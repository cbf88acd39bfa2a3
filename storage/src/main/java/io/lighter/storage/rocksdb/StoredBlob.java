package io.lighter.storage.rocksdb;

import java.time.Instant;

/**
 * What the index knows of a blob.
 *
 * @param size its length in bytes
 * @param committedAt when somebody last relied on the blob being here, within the granularity of
 *     leases
 */
record StoredBlob(long size, Instant committedAt) {}
