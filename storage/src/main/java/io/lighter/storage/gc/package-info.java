/**
 * Garbage collection while the registry serves. What is garbage is decided by looking from content
 * to whatever could keep it ({@link io.lighter.storage.gc.GarbageIndex}), and decided again inside
 * the one metadata writer at the moment of removal; bytes go after the metadata, and not before the
 * index has given them up ({@link io.lighter.storage.gc.GarbageFiles}). {@link
 * io.lighter.storage.gc.GarbageCollector} runs the steps in their order.
 *
 * <p>Eviction keeps what came from upstreams within a capacity and a floor of free space: {@link
 * io.lighter.storage.gc.Evictor} takes whole images, the longest unused first ({@link
 * io.lighter.storage.gc.EvictionIndex}), and their bytes go the same way.
 *
 * <p>Everything here blocks and belongs on a thread of its own.
 */
@NullMarked
package io.lighter.storage.gc;

import org.jspecify.annotations.NullMarked;
