/**
 * The little that a node has to ask its Kubernetes API: whose turn it is to restart, and whether
 * the node is Ready. Plain HTTP and JSON with the service account of the pod; a client library
 * would be larger than everything else here together.
 */
@NullMarked
package io.lighter.node.cluster;

import org.jspecify.annotations.NullMarked;
