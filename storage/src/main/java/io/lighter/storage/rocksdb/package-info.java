/**
 * The storage SPI's metadata in one RocksDB: {@link io.lighter.storage.rocksdb.RocksStores} opens
 * it and hands out a {@link io.lighter.storage.MetadataStore} and its siblings.
 *
 * <p>Reads go straight to RocksDB from any thread. Every change is a {@code Mutation} that the one
 * {@code MetadataWriter} thread applies, so that a change may read what it changes without locks,
 * and many changes share one synced write. {@code Keys} draws the key of every column family,
 * {@code Records} the values.
 */
@NullMarked
package io.lighter.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
