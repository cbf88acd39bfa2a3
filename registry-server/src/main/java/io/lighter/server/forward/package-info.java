/**
 * {@code lighter forward}: a listener on a node's loopback that leads to a Lighter elsewhere, for
 * nodes on which kube-proxy serves no NodePort there. It copies bytes; while no registry answers at
 * its target it holds new connections for a bounded time.
 */
@NullMarked
package io.lighter.server.forward;

import org.jspecify.annotations.NullMarked;
