/**
 * When services of the host start anew: one node at a time, only if a file changed that they read
 * at their start, and with the way back at hand if they do not come up again.
 */
@NullMarked
package io.lighter.node.restart;

import org.jspecify.annotations.NullMarked;
