/**
 * Blobs as files of one directory, whose layout {@link io.lighter.storage.local.BlobLayout} draws.
 *
 * <p>A store is opened in this order and closed in the reverse one: {@link
 * io.lighter.storage.local.StoreDirectory}, which makes sure that the directory is ours to use;
 * then the metadata in {@code BlobLayout.metadata()}; then the {@link
 * io.lighter.storage.local.FileBlobStore}, which needs the metadata's {@link
 * io.lighter.storage.BlobIndex}. This package and that of the metadata do not know each other.
 */
@NullMarked
package io.lighter.storage.local;

import org.jspecify.annotations.NullMarked;
