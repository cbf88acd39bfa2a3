/**
 * The storage SPI: content in a {@link io.lighter.storage.BlobStore}, everything that names content
 * in a {@link io.lighter.storage.MetadataStore}.
 *
 * <p>Durability order, which every implementation keeps and every caller relies on: <b>bytes
 * durable, then metadata durable, then the answer</b>. A crash may therefore leave bytes that
 * nothing names, and never a name whose bytes are missing.
 *
 * <p>Everything here blocks and belongs on virtual or platform threads, never on an event loop.
 */
@NullMarked
package io.lighter.storage;

import org.jspecify.annotations.NullMarked;
