/**
 * Bytes of lazy layers that stay in memory outside the heap: what every node asks for first, and
 * what several nodes have asked for. Reads never wait; everything that does is done by one thread
 * of its own.
 */
@NullMarked
package io.lighter.server.pinned;

import org.jspecify.annotations.NullMarked;
