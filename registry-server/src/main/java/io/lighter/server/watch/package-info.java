/**
 * Files that are replaced while the server runs: certificates, keys, passwords. They are read as a
 * whole and compared by content, because Kubernetes swaps a symbolic link two directories above
 * them, and editors and mounts do something else each.
 */
@NullMarked
package io.lighter.server.watch;

import org.jspecify.annotations.NullMarked;
