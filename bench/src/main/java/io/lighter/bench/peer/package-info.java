/**
 * The servers of a comparison: how each is configured, started, filled and stopped. Begin reading
 * at {@link io.lighter.bench.peer.PeerStarter}.
 */
@NullMarked
package io.lighter.bench.peer;

import org.jspecify.annotations.NullMarked;
