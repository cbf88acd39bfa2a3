/**
 * The little that has to be asked of the Kubernetes API: whose turn it is to restart, whether a
 * node is Ready, and which nodes are put back. Plain HTTP and JSON with the service account of the
 * pod; a client library would be larger than everything else here together.
 */
@NullMarked
package io.lighter.node.cluster;

import org.jspecify.annotations.NullMarked;
